"""Every transition of a case, and nowhere else: (case, happening, now) -> (case, events, effects).

table (through which states) | moves (what every transition is made of) | opening, people, orders, machines (what
may happen) | here: the one entry. Called by `app` only; pure; never raises for what people or machines wrote.
"""

from datetime import datetime
from typing import assert_never

from triage.core.desk import Desk
from triage.core.events import (
    AgentAnswered,
    AgentOrdered,
    AgentReplied,
    AlarmsRang,
    ClientNotReached,
    ClientWrote,
    Happening,
    MachineWrote,
    MailWent,
)
from triage.core.lifecycle.machines import LOST, machine_wrote, mail_went, not_reached, told_others
from triage.core.lifecycle.moves import DEADLINE_STEP, Decision
from triage.core.lifecycle.opening import open_case
from triage.core.lifecycle.orders import goes_to_client, ordered
from triage.core.lifecycle.people import agent_answered, agent_replied, client_wrote
from triage.core.lifecycle.reminding import Rung, alarms_rang, noted, reminded, ring
from triage.core.lifecycle.table import TRANSITIONS, Trigger
from triage.core.model import Case

__all__ = [
    "DEADLINE_STEP",
    "LOST",
    "TRANSITIONS",
    "Decision",
    "Rung",
    "Trigger",
    "decide",
    "goes_to_client",
    "noted",
    "open_case",
    "reminded",
    "ring",
    "told_others",
]


def decide(desk: Desk, case: Case, happening: Happening, now: datetime) -> Decision:
    """Decide what a happening makes of a case."""
    match happening:
        case ClientWrote():
            return client_wrote(desk, case, happening, now)
        case AgentAnswered():
            return agent_answered(desk, case, happening)
        case AgentReplied():
            return agent_replied(desk, case, happening)
        case AgentOrdered():
            return ordered(desk, case, happening, now)
        case MachineWrote():
            return machine_wrote(desk, case, happening, now)
        case ClientNotReached():
            return not_reached(desk, case, happening)
        case MailWent():
            return mail_went(desk, case, happening)
        case AlarmsRang():
            return alarms_rang(desk, case, happening, now)
        case _:
            assert_never(happening)
