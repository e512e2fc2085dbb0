"""Is it a robot that answers our automatic mail? What tells it from a person where no mark does: how soon, how alike.

Two or so in a hundred automatic answers carry no mark at all (RFC 3834 asks for them, nobody enforces it), and such a
robot and we would write to each other for ever. A message counts as an echo when it came soon after an automatic mail
of ours to its writer, and reads like an automatic answer, repeats our reference, or says again and again the same but
for its numbers; or when its writer has answered mail after mail of ours within seconds, in whatever words. An echo that would open a case opens it still, in silence: a person's mail is never lost.

A client who opens case after case in the same words is no echo, nor is a program that counts its mails: he said them
first in a mail that followed none of ours, and he goes on when we keep silent. A robot only ever answers.

Pure; called by `app.echoes`, which brings what the store knows.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from triage.core import autoreplies, governor
from triage.core.message import Message
from triage.core.model import MessageClass, Role
from triage.core.reception import Route, Way
from triage.core.site import Site
from triage.core.understood import Reading

AT_ONCE = timedelta(minutes=2)  # sooner than a person has read, thought and written
SOON = timedelta(minutes=15)
INSTANTLY = timedelta(seconds=30)  # as a program answers
_ALIKE_CLIENT = 3
_ALIKE_AGENT = 1
_ALIKE_OWN_WORDS = 10
_ALIKE_ONLY_IN_HASTE = 20
_ANSWERS_A_MAIL = 2  # the most that a robot sends for one mail of ours
_LOOKED_AT = 20_000


def follows(written: Sequence[datetime], at: datetime, within: timedelta) -> bool:
    """Say whether a message that arrived `at` (whole seconds) came within a time after one of our mails."""
    return any(mail.replace(microsecond=0) <= at <= mail + within for mail in written)


def words(message: Message, reading: Reading) -> str:
    """Return the same text for messages that are alike but for their numbers."""
    return governor.same_words(message.subject, reading.new_text[:_LOOKED_AT])


def robotic(site: Site, message: Message, reading: Reading, way: Way) -> str:
    """Return what in a message that came at once speaks for a robot, or nothing."""
    if autoreplies.resembles_one(message.subject, reading.new_text):
        return "came at once and reads like an automatic answer"
    # Whoever answers our mail quotes it, and belongs to its case; who opens another one with it does not know better.
    if way is Way.OPEN and site.references_in(message.text[:_LOOKED_AT]):
        return "came at once and repeats our reference"
    return ""


@dataclass(frozen=True, slots=True)
class Habit:
    """How a writer wrote the same words within a day: `alike` messages soon after a mail of ours, `instantly` so many
    of them within seconds, while we wrote him `ours` mails. `own_words`: he said them before we had written anything.
    """

    alike: int
    instantly: int
    ours: int
    own_words: bool


def suspicious(alike: int, role: Role) -> bool:
    """Say whether `alike` earlier messages are enough to look closer at what the writer does."""
    return alike >= (_ALIKE_AGENT if role is Role.AGENT else _ALIKE_CLIENT)


def repeating(habit: Habit) -> str:
    """Return what speaks for a robot in the habit of a suspicious writer, or nothing.

    Whoever writes more than he could answer writes by himself. Of one who chose the words himself only a long row of
    mails, each within seconds of ours, is taken for a robot's; who goes on in the silence that follows is heard again.
    """
    if habit.own_words:
        robot = habit.instantly >= _ALIKE_OWN_WORDS and habit.alike < habit.ours
    else:
        robot = habit.alike < _ANSWERS_A_MAIL * habit.ours
    return f"the same words {habit.alike + 1} times, each time soon after a mail of ours" if robot else ""


def hasty(instantly: int) -> bool:
    """Say whether so many earlier messages within seconds, in any words, are enough to look closer at what the writer does."""
    return instantly >= _ALIKE_ONLY_IN_HASTE


def racing(answered: int, instantly: int, ours: int) -> str:
    """Return what speaks for a robot in a hasty writer, or nothing; `answered`: his messages soon after a mail of ours.

    Some find other words each time. As with own words, who goes on in the silence that follows is heard again.
    """
    return f"{instantly + 1} mails, each within seconds of one of ours" if answered < ours else ""


def own_words(same: str, said: Iterable[tuple[datetime, str]], written: Sequence[datetime]) -> bool:
    """Say whether the writer once used the words (`governor.same_words`) in a mail that followed none of ours.

    `said`: when he was answered, and his subject and text; `written`: when we wrote to him, those answers too.
    """
    return any(
        governor.same_words(words[:_LOOKED_AT]) == same
        and not any(at - SOON <= mail < at for mail in written)
        for at, words in said
    )


def may_be_one(reading: Reading) -> bool:
    """Say whether to look at all: every marked machine is known already."""
    return reading.message_class is MessageClass.PERSON and not reading.forwarded


def aimless(route: Route) -> bool:
    """Say whether an agent's words would only be told that they name no case: a robot would answer that, too."""
    return (
        route.way is Way.ORDERS and route.link is None and route.orders is not None and not route.orders.known
    )


def muted(route: Route, reading: Reading, why: str) -> Route:
    """Return the way of an echo: nothing goes back to the robot, and nothing of it to a client."""
    reason = f"no answer to an echo: {why}"
    match route.way:
        case _ if aimless(route) or (route.way is Way.OPEN and reading.role is Role.AGENT):
            return Route(Way.IGNORE, f"an agent's automatic answer: {why}")
        case Way.OPEN:
            return replace(route, reason=reason, silent=True)
        case Way.JOIN | Way.REPLIED:
            return Route(Way.NOTE, reason, route.link)
        case _:
            return route
