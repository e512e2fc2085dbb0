"""rules.yaml as the core sees it: whole and checked. Built by adapters.rules_yaml, swapped whole on a reload."""

from collections.abc import Mapping
from dataclasses import dataclass

from triage.core.model import Severity
from triage.core.reminders import ReminderRules
from triage.core.rules import RuleSet
from triage.core.sla_policy import SlaModel
from triage.core.support import Company, Lifecycle, SeverityWords


@dataclass(frozen=True, slots=True)
class SupportModel:
    """`hash`: of what the files say, whatever their comments and layout."""

    company: Company
    severities: Mapping[Severity, SeverityWords]
    sla: SlaModel
    lifecycle: Lifecycle
    reminders: ReminderRules
    rules: RuleSet
    hash: str
