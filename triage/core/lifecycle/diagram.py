"""The table drawn: a state diagram (mermaid) for docs/agents.md. A test keeps the page in step with the table."""

from collections import defaultdict

from triage.core.lifecycle.table import TRANSITIONS, Trigger
from triage.core.model import State

_LABELS = {
    Trigger.TAKE: "!take, !assign",
    Trigger.ANSWER: "answer, !attended",
    Trigger.WAIT: "!waiting",
    Trigger.CLIENT_WRITES: "client writes",
    Trigger.ESCALATE: "!escalate",
    Trigger.TOLD: "client was told",
    Trigger.PLAN: "!date",
    Trigger.SOLVE_FOR_NOW: "!resolve provisional",
    Trigger.SOLVE: "!resolve",
    Trigger.CLOSE: "!close, !spam",
    Trigger.MERGE: "!merge",
    Trigger.REOPEN: "!reopen, client writes",
}


def mermaid() -> str:
    """Return the diagram's lines: one arrow for each pair of states, with all that leads along it."""
    arrows: dict[tuple[State, State], list[str]] = defaultdict(list)
    for trigger, moves in TRANSITIONS.items():
        for source, target in moves.items():
            if source is not target:
                arrows[source, target].append(_LABELS[trigger])
    lines = ["stateDiagram-v2", "    [*] --> new"]
    lines += [
        f"    {source} --> {target}: {', '.join(labels)}" for (source, target), labels in arrows.items()
    ]
    return "\n".join(lines)


def table() -> str:
    """Return who may do what as a Markdown table: a row for each trigger, a column for each state."""
    states = [state for state in State if state is not State.MERGED]
    rows = ["| | " + " | ".join(states) + " |", "|---" * (len(states) + 1) + "|"]
    for trigger, moves in TRANSITIONS.items():
        cells = [str(moves.get(state, "")) for state in states]
        rows.append(f"| {_LABELS[trigger]} | " + " | ".join(cells) + " |")
    return "\n".join(rows)
