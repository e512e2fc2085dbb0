"""What the writer wrote now, apart from quotes, history, signature, disclaimer and forwarded blocks.

Nothing is ever cut from what is stored: this is the view that rules, reminders and language see. The result is
empty only where the text is.
"""

from dataclasses import dataclass

from triage.core import forwards, quotes, signatures
from triage.core.forwards import Forward
from triage.core.quotes import Kind


@dataclass(frozen=True, slots=True)
class Parts:
    """A text taken apart. `new` falls back to the forwarded text, then to the whole; `own` is what was really
    written above, between and below quotes, and may be empty.
    """

    new: str
    own: str
    forward: Forward | None = None
    quoted: bool = False


def split(text: str, subject: str = "") -> Parts:
    """Take a text apart; `subject` only says whether it is a forward."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kinds = quotes.mark(lines, forwarding=forwards.says_forward(subject))
    own = _own(lines, kinds)
    forward = None
    if Kind.FORWARD in kinds:
        forward = forwards.inline(
            [line for line, kind in zip(lines, kinds, strict=True) if kind is Kind.FORWARD]
        )
    quoted = any(kind is not Kind.OWN for kind in kinds)
    new = own or _forwarded(forward) or _unmarked(lines)
    return Parts(new, own, forward, quoted)


def first_line(text: str) -> str:
    """Return the first line with text in it, blanks folded."""
    for line in text.split("\n"):
        folded = " ".join(line.split())
        if folded:
            return folded
    return ""


def _own(lines: list[str], kinds: list[Kind]) -> str:
    runs: list[str] = []
    start = 0
    while start < len(lines):
        end = start
        while end < len(lines) and (kinds[end] is Kind.OWN) == (kinds[start] is Kind.OWN):
            end += 1
        if kinds[start] is Kind.OWN:
            run = _without_footer(lines[start:end], below_quote=bool(runs))
            if run:
                runs.append(run)
        start = end
    return "\n\n".join(runs)


def _without_footer(run: list[str], *, below_quote: bool) -> str:
    kept = run[: signatures.own_end(run, below_quote=below_quote)]
    flags = signatures.disclaimed(kept)
    return "\n".join(line.rstrip() for line, flag in zip(kept, flags, strict=True) if not flag).strip("\n")


def _forwarded(forward: Forward | None) -> str:
    """A forward without a word of its own: the forwarded message's own new text tells the matter."""
    if forward is None or not forward.text.strip():
        return ""
    lines = forward.text.split("\n")
    return _own(lines, quotes.mark(lines)) or forward.text


def _unmarked(lines: list[str]) -> str:
    """Nothing but quotes: show them without their marks rather than nothing."""
    return "\n".join(line.lstrip(" >|\t").rstrip() for line in lines).strip("\n")
