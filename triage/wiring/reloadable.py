"""What can be swapped while the daemon runs: rules and templates, read and checked whole before they count."""

from collections.abc import Callable, Sequence
from dataclasses import InitVar, dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path

from triage import log
from triage.adapters import rules_yaml
from triage.adapters.renderer_jinja import JinjaRenderer
from triage.adapters.rules_yaml import Begun
from triage.core.desk import Desk
from triage.core.site import Site
from triage.core.support_model import SupportModel
from triage.errors import Misconfigured, Problem
from triage.settings import Settings


@dataclass
class Reloadable:
    """The desk in force, and how another one is made: read and checked whole before it is swapped."""

    config: Settings
    site: Site
    rules_path: Path
    renderer: JinjaRenderer
    desk: Desk = field(init=False)
    support: InitVar[SupportModel | None] = None
    """What `rules_path` holds, where it is read already."""

    def __post_init__(self, support: SupportModel | None) -> None:
        self.desk = self._built(support or _support(rules_yaml.begin(self.rules_path)))

    def current(self) -> Desk:
        return self.desk

    def prepare(self) -> Callable[[], str]:
        """Read and check rules and templates; return what puts them in force and names their hash.

        Blocks for seconds: call it in a thread. Raises Misconfigured with every problem of both.
        """
        support, templates = rules_and_templates(self.config, rules_yaml.begin(self.config.rules_path))
        return partial(self._swap, self._built(support), templates)

    def _swap(self, desk: Desk, templates: JinjaRenderer) -> str:
        self.renderer.adopt(templates)
        self.desk = desk
        return desk.support.hash

    def _built(self, support: SupportModel) -> Desk:
        limits = self.config.limits
        return Desk(
            site=self.site,
            support=support,
            backlog=timedelta(seconds=limits.backlog),
            acknowledgement_expires=timedelta(seconds=limits.acknowledgement_expires),
            mail_expires=timedelta(seconds=limits.mail_expires),
            echo_subject=limits.echo_subject,
            undo_for=timedelta(seconds=limits.undo),
            answers_as=self.config.site.answers_as,
            files_with_notice=limits.attachments_to_agents,
            files_on_request=limits.attachments_on_request,
        )


def rules_and_templates(
    config: Settings, rules: Begun, known: Sequence[Problem] = ()
) -> tuple[SupportModel, JinjaRenderer]:
    """Read and check both; raises Misconfigured with every problem of both, and those that are known already."""
    problems = list(known)
    support: SupportModel | None = None
    templates: JinjaRenderer | None = None
    try:
        support = _support(rules)
    except Misconfigured as error:
        problems += error.problems
    try:
        templates = _checked_templates(config)
    except Misconfigured as error:
        problems += error.problems
    if problems or support is None or templates is None:
        raise Misconfigured(tuple(problems))
    return support, templates


def _checked_templates(config: Settings) -> JinjaRenderer:
    """Render every template once where an admin has changed some; raises Misconfigured with every one that fails.

    The shipped ones by themselves are rendered soon after the start: before it, they would delay the first answer.
    """
    renderer = JinjaRenderer(config.templates_path)
    if config.templates_path is None:
        return renderer
    wrong = tuple(problem for problem in renderer.check() if not problem.warning)
    if wrong:
        raise Misconfigured(wrong)
    return renderer


def _support(rules: Begun) -> SupportModel:
    support, warnings = rules_yaml.finish(rules)
    for warning in warnings:
        log.logger(part="rules").warning("rules.warning", problem=str(warning))
    return support
