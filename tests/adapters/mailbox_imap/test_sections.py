from triage.adapters.mailbox_imap.config import FetchLimits
from triage.adapters.mailbox_imap.sections import grouped, plausible, wanted, with_bodies
from triage.core.message import Leaf

LIMITS = FetchLimits(stored=100_000, part=50_000)


def leaf(
    section: str, content_type: str = "text/plain", size: int = 100, disposition: str = "", name: str = ""
) -> Leaf:
    return Leaf(section, content_type, disposition=disposition, filename=name, size=size)


def sections(*leaves: Leaf) -> list[str]:
    return [section for section, _ in wanted(leaves, LIMITS)]


def test_text_reports_and_invitations_travel_and_files_stay() -> None:
    assert sections(
        leaf("1"),
        leaf("2", "text/html"),
        leaf("3", "image/png"),
        leaf("4", "message/delivery-status"),
        leaf("5", "text/rfc822-headers"),
        leaf("6", "message/rfc822", disposition="attachment"),
        leaf("7", "text/calendar", disposition="attachment"),
        leaf("8", "application/ms-tnef"),
        leaf("9", "application/octet-stream", name="WINMAIL.DAT"),
        leaf("10", "message/disposition-notification"),
    ) == ["1", "2", "4", "5", "6", "7", "8", "9", "10"]


def test_a_text_sent_as_a_file_stays_unless_it_is_the_only_text() -> None:
    log = leaf("2", disposition="attachment", name="error.log")
    assert sections(leaf("1"), log) == ["1"]
    assert sections(leaf("1", "image/png"), log) == ["2"]


def test_every_bound_leaves_room_for_a_size_that_is_a_little_off() -> None:
    for size in (0, 1, 3_000, 4_000, 20_000, 39_000):
        [(_, most)] = wanted([leaf("1", size=size)], LIMITS)
        assert most >= size * 5 // 4


def test_a_large_part_is_cut_and_says_so() -> None:
    parts = [leaf("1", size=90_000), leaf("2", "text/html", size=90_000), leaf("3", size=10)]
    plan = wanted(parts, LIMITS)
    assert plan == (("1", 50_000), ("2", 50_000))
    first, second, third = with_bodies(parts, plan, {"1": b"x" * 50_000, "2": b"y" * 49_999})
    assert (first.truncated, second.truncated, third.body) == (True, False, None)


def test_mails_of_like_structure_share_a_command_of_bounded_size() -> None:
    alike, other = (("1", 4_096),), (("1", 4_096), ("2", 4_096))
    plans = {1: alike, 2: other, 3: alike, 4: (), 5: alike}
    assert list(grouped(plans, 8_192)) == [(alike, [1, 3]), (alike, [5]), (other, [2])]


def test_a_structure_that_leaves_most_of_a_mail_unexplained_is_not_believed() -> None:
    assert not plausible([leaf("1", size=0)], 300, 20_000)
    assert plausible([leaf("1", size=60)], 300, 400)
    assert plausible([leaf("1", size=9_000), leaf("2", size=300)], 300, 11_000)
    assert not plausible([], 300, 3_000)
