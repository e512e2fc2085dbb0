"""The table: through which states a trigger leads a case, and what the history calls it. What is not here is refused."""

from collections.abc import Mapping
from enum import StrEnum

from triage.core.events import EventName
from triage.core.model import State


class Trigger(StrEnum):
    TAKE = "take"
    ANSWER = "answer"
    WAIT = "wait"
    CLIENT_WRITES = "client_writes"
    ESCALATE = "escalate"
    TOLD = "told"
    PLAN = "plan"
    SOLVE_FOR_NOW = "solve_for_now"
    SOLVE = "solve"
    CLOSE = "close"
    MERGE = "merge"
    REOPEN = "reopen"


_N, _T, _W, _E = State.NEW, State.TAKEN, State.WAITING, State.ESCALATED
_P, _A, _R, _C, _M = State.PLANNED, State.ATTENDED, State.RESOLVED, State.CLOSED, State.MERGED

TRANSITIONS: Mapping[Trigger, Mapping[State, State]] = {
    Trigger.TAKE: {_N: _T, _T: _T, _W: _W, _E: _E, _P: _P, _A: _A},
    Trigger.ANSWER: {_N: _A, _T: _A, _W: _A, _E: _A, _P: _P, _A: _A, _R: _R, _C: _C},
    Trigger.WAIT: {_N: _W, _T: _W, _W: _W, _E: _W, _P: _P, _A: _A},
    Trigger.CLIENT_WRITES: {_N: _N, _T: _T, _W: _T, _E: _E, _P: _P, _A: _A},
    Trigger.ESCALATE: {_N: _E, _T: _E, _W: _E, _E: _E, _P: _E, _A: _E},
    Trigger.TOLD: {_N: _A, _T: _A, _W: _A, _E: _A, _P: _P, _A: _A, _R: _R, _C: _C},
    Trigger.PLAN: {_N: _P, _T: _P, _W: _P, _E: _P, _P: _P, _A: _P},
    Trigger.SOLVE_FOR_NOW: {_N: _A, _T: _A, _W: _A, _E: _A, _P: _A, _A: _A},
    Trigger.SOLVE: {_N: _R, _T: _R, _W: _R, _E: _R, _P: _R, _A: _R, _R: _R},
    Trigger.CLOSE: {_N: _C, _T: _C, _W: _C, _E: _C, _P: _C, _A: _C, _R: _C, _C: _C},
    Trigger.MERGE: {_N: _M, _T: _M, _W: _M, _E: _M, _P: _M, _A: _M, _R: _M, _C: _M},
    Trigger.REOPEN: {_R: _T, _C: _T},
}
ATTENDING = frozenset({Trigger.ANSWER, Trigger.TOLD, Trigger.PLAN, Trigger.SOLVE_FOR_NOW, Trigger.SOLVE})

ENTERED = {
    Trigger.TAKE: EventName.CASE_TAKEN,
    Trigger.ANSWER: EventName.CASE_ATTENDED,
    Trigger.TOLD: EventName.CASE_ATTENDED,
    Trigger.WAIT: EventName.CASE_WAITING,
    Trigger.ESCALATE: EventName.CASE_ESCALATED,
    Trigger.PLAN: EventName.CASE_PLANNED,
    Trigger.SOLVE_FOR_NOW: EventName.CASE_ATTENDED,
    Trigger.SOLVE: EventName.CASE_RESOLVED,
    Trigger.CLOSE: EventName.CASE_CLOSED,
    Trigger.MERGE: EventName.CASE_MERGED,
}
