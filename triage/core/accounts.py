"""What an agent is told who asks about a case: why this severity and deadline, what happened, which commands there are.

The answers stand in a transcript or on the command line, in the site's language. Called by `lifecycle.orders`.
"""

from triage.core import helping, moments, sayings, sla_derivation_words
from triage.core import history as telling
from triage.core.desk import Desk
from triage.core.events import AgentOrdered
from triage.core.model import Case, Kind
from triage.core.rules.weighing import WEIGHED_RULE
from triage.core.site import Site


def why(desk: Desk, case: Case, _: AgentOrdered) -> str:
    """Tell why this severity and this deadline, in lines."""
    site = desk.site
    due = moments.exact(case.deadline.at, site.zone, site.language)
    if case.deadline.kind is Kind.FROM:
        due = moments.since(case.deadline.at, case.cycle_start, site.zone, site.language)
    return "\n".join(
        (
            sayings.say(site, "why", severity=int(case.severity), given=_given(site, case)),
            sayings.say(site, "why_then", deadline=due),
            *sla_derivation_words.told(case.deadline.derivation, site.language),
        )
    )


def _given(site: Site, case: Case) -> str:
    """Say what gave a case its severity; what was weighed is no rule that anybody wrote."""
    found = case.classification
    words = ", ".join(dict.fromkeys(evidence.text for evidence in found.evidence))
    if case.correction is not None:
        return sayings.say(site, "by_hand")
    if found.rule == WEIGHED_RULE and words:
        return sayings.say(site, "by_words", words=words)
    return sayings.say(site, "by_rule", rule=found.rule, words=words or sayings.say(site, "no_words"))


def history(desk: Desk, case: Case, order: AgentOrdered) -> str:
    """Tell what happened to the case, line by line, in the site's zone."""
    site = desk.site
    told = telling.lines(site, order.history)
    head = sayings.say(site, "state", reference=case.reference, state=case.state)
    return "\n".join(
        (head, *(f"{moments.stamp(one.at, site.zone, site.language)} {one.who}: {one.what}" for one in told))
    )


def help_text(desk: Desk, _: Case, __: AgentOrdered) -> str:
    return helping.help_text(desk.site)
