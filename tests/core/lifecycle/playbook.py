"""Playbooks of the lifecycle: given a case, when something happens, then these events and these mails."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from tests.builders import CLIENT, a_site
from triage.adapters import rules_yaml
from triage.core import commands, lifecycle
from triage.core.desk import Desk
from triage.core.effects import SendMail, SetAlarms, Withdraw
from triage.core.events import AgentOrdered, Happening, Opening
from triage.core.lifecycle import Decision
from triage.core.model import Address, Case, Classification, Language, Severity
from triage.core.site import Area

LUCIA, DIEGO = "lucia.ferrari@netone.example", "diego.maidana@netone.example"
TUESDAY = datetime(2026, 10, 20, 13, tzinfo=UTC)  # 10:00 in Buenos Aires


@cache
def desk() -> Desk:
    """Return the shipped support model at the sample site, with two areas."""
    areas = {"soporte": Area("soporte"), "desarrollo": Area("desarrollo", "desarrollo@netone.example")}
    support, _ = rules_yaml.load(Path(__file__).parents[3] / "rules.yaml")
    return Desk(a_site(areas=areas), support)


def an_opening(**fields: Any) -> Opening:
    defaults: dict[str, Any] = {
        "reference": "NO-2026-000001",
        "mailbox": "soporte",
        "arrival": TUESDAY,
        "client": Address(CLIENT, "Ana Villar"),
        "language": Language.ES,
        "subject": "Fotos que no cargan",
        "excerpt": "Hola, algunas fotos no cargan.",
        "classification": Classification(Severity.MEDIUM, "part-fails"),
        "may_ack": True,
        "message_id": "m1@tienda-prueba.example",
    }
    return Opening(**{**defaults, **fields})


def a_case(severity: int = 2, **fields: Any) -> Case:
    """Return an open case as `open_case` makes it; fields of the case may be changed afterwards."""
    classification = Classification(Severity(severity), "part-fails")
    opened = lifecycle.open_case(desk(), an_opening(classification=classification), TUESDAY).case
    return replace(opened, **fields)


@dataclass
class Play:
    """A case and what became of it: `play >> happening` goes on from there."""

    case: Case
    now: datetime = TUESDAY + timedelta(minutes=10)
    last: Decision | None = None

    def __rshift__(self, happening: Happening) -> "Play":
        decision = lifecycle.decide(desk(), self.case, happening, self.now)
        return Play(decision.case, self.now + timedelta(minutes=10), decision)

    def order(self, line: str, text: str = "", agent: str = LUCIA, **given: Any) -> "Play":
        """Give a command as it is written."""
        (command,) = commands.read(line).commands
        return self >> AgentOrdered(self.now, agent, command, text, **given)

    def at(self, moment: datetime) -> "Play":
        """Let time pass until a moment."""
        return replace(self, now=moment)

    @property
    def decision(self) -> Decision:
        assert self.last is not None
        return self.last

    @property
    def events(self) -> list[str]:
        return [str(event.event) for event in self.decision.events]

    @property
    def mails(self) -> list[SendMail]:
        return [effect for effect in self.decision.effects if isinstance(effect, SendMail)]

    @property
    def to_client(self) -> list[str]:
        return [mail.template for mail in self.mails if mail.to_client]

    @property
    def withdrawn(self) -> list[str]:
        return [
            key for effect in self.decision.effects if isinstance(effect, Withdraw) for key in effect.keys
        ]

    @property
    def alarms(self) -> int:
        """How many alarms are set now; -1 where they stay as they were."""
        found = [len(effect.alarms) for effect in self.decision.effects if isinstance(effect, SetAlarms)]
        return found[-1] if found else -1
