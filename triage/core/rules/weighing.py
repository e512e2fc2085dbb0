"""What no rule is sure of is weighed: every group of phrases adds points to the three levels, and the highest sum wins.

Rules say what is certain ("these words together are an outage"); people tell of the same outage in words that no rule
foresaw, and of a dozen weak signs only the sum says something. The table of points is the admin's (`weighing:` in
rules.yaml); it was fitted on labelled mails. The sum is a proposal like a rule's, with a weight of its own: heavier
rules and caps stand above it. Called by `classify`.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from triage.core.model import Loser, Severity
from triage.core.rules.contexts import Contexts
from triage.core.rules.matcher import Found, Hit, Span
from triage.core.rules.material import list_items
from triage.core.rules.vocabulary import TEXTS, Points, Sign, Weighing

Borne = tuple[str, Points, Hit]  # how a sign is borne, what it adds, and the words

WEIGHED_RULE = "weighed"
_OFTEN = 2
_MOST_SHOWN = 4  # passages that are shown as the reason
_LEAST_SHOWN = 3  # ... each of at least this part of what the clearest says


@dataclass(frozen=True, slots=True)
class Weighed:
    """The level with the most points, and the words that spoke for it most, the weightiest first."""

    severity: Severity
    points: Points
    words: tuple[Hit, ...]
    whole: Severity | None = None  # what the whole mail weighs, where one item of its list decided instead

    @property
    def lead(self) -> int:
        """Return by how many points the level stands above the next."""
        best = self.severity - 1
        return self.points[best] - max(self.points[best - 1], self.points[best - 2])

    def lost(self, weight: int) -> Loser:
        """Tell the sum as the loser against rules that are heavier than its `weight`."""
        points = ", ".join(map(str, self.points))
        return Loser(
            WEIGHED_RULE, int(self.severity), f"weight {weight} against a heavier rule (points {points})"
        )

    def fewer(self) -> tuple[Loser, ...]:
        """Tell the levels that have fewer points, and how many."""
        most = self.points[self.severity - 1]
        fewer = tuple(
            Loser(WEIGHED_RULE, level, f"{points} points against {most}")
            for level, points in enumerate(self.points, 1)
            if level != self.severity
        )
        if self.whole is None:
            return fewer
        return (*fewer, Loser(WEIGHED_RULE, int(self.whole), "the whole mail, against one item of its list"))


def weigh(weighing: Weighing, found: Found, contexts: Contexts) -> Weighed | None:
    """Add up a message's signs; None where it has not one.

    A list of wishes outweighs the outage that is its last item: so each item is weighed too, and the gravest that is graver
    than the whole, and clearly so (`item_lead`), decides.
    """
    whole = _weighed(weighing, signs(weighing, found, contexts))
    if whole is None or weighing.item_lead is None:
        return whole
    gravest = whole
    for item in list_items(found.layout):
        one = _weighed(weighing, signs(weighing, found, contexts, item))
        if one is not None and one.severity < gravest.severity and one.lead >= weighing.item_lead:
            gravest = replace(one, whole=whole.severity)
    return gravest


def _weighed(weighing: Weighing, borne: Sequence[Borne]) -> Weighed | None:
    if not borne:
        return None
    columns = zip(weighing.start, *[points for _, points, _ in borne], strict=True)
    one, two, three = map(sum, columns)
    sums = (one, two, three)
    best = max(range(3), key=lambda level: (sums[level], -level))
    # How much each speaks against the level, so that what speaks for it most comes first. The other two levels: -1 and -2
    # count from the end.
    spoke = [(max(points[best - 1], points[best - 2]) - points[best], hit) for _, points, hit in borne]
    clearest = min(spoke)[0]
    shown: list[Hit] = []
    # "de" and "el" speak too, a little: that explains nothing beside words that speak clearly.
    for _, hit in sorted([each for each in spoke if each[0] < 0 and each[0] * _LEAST_SHOWN <= clearest]):
        if all(hit.end <= other.start or other.end <= hit.start for other in shown):
            shown.append(hit)
        if len(shown) == _MOST_SHOWN:
            break
    return Weighed(Severity(best + 1), sums, tuple(shown))


def signs(weighing: Weighing, found: Found, contexts: Contexts, within: Span | None = None) -> list[Borne]:
    """Return every sign that the message, or the part `within`, bears: how (said, often, meant or a context's name), its
    points, and the words.
    """
    against = contexts.possible(weighing.unless)
    narrow = found.places.issubset(TEXTS)
    borne: list[Borne] = []
    for group in found.hits.groups:
        sign = weighing.signs.get(group)
        if sign is None:
            continue
        hits = found.hits.of(group)
        if within is not None:
            hits = hits[bisect_left(hits, within[:1]) : bisect_left(hits, within[1:])]
        if not narrow:
            hits = tuple(hit for hit in hits if found.layout.place(hit.start).name in TEXTS)
        if hits:
            borne.extend(_borne(sign, hits, against, contexts))
    return borne


def _borne(
    sign: Sign, hits: tuple[Hit, ...], against: tuple[str, ...], contexts: Contexts
) -> Iterator[Borne]:
    yield "said", sign.said, hits[0]
    if len(hits) >= _OFTEN:
        yield "often", sign.often, hits[1]
    # Contexts are dear to ask for, and nearly always the first hit answers: the others are looked at where that matters.
    meant = (hit for hit in hits if not contexts.any_of(against, hit))
    first = next(meant, None)
    if first is None:
        return
    yield "meant", sign.meant, first
    only = [(name, points) for name, points in sign.only if contexts.holds(name, first)]
    rest = tuple(meant) if only else ()
    for name, points in only:
        if all(contexts.holds(name, hit) for hit in rest):
            yield name, points, first
