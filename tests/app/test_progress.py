"""Who is late, by a clock that the test turns."""

from triage.app.progress import GRACE, Progress


class Clock:
    def __init__(self) -> None:
        self.at = 1_000.0

    def __call__(self) -> float:
        return self.at


def test_a_loop_is_late_when_it_rests_longer_than_it_said() -> None:
    clock = Clock()
    progress = Progress(clock)
    progress.expect("mailbox soporte", 60)
    progress.expect("dispatch")
    clock.at += GRACE
    assert progress.late() == ()
    clock.at += 1
    assert progress.late() == ("dispatch",)
    clock.at += 60
    assert progress.late() == ("dispatch", "mailbox soporte")


def test_a_loop_that_is_heard_of_again_is_late_no_more() -> None:
    clock = Clock()
    progress = Progress(clock)
    progress.expect("dispatch")
    clock.at += GRACE + 1
    progress.expect("dispatch")
    assert progress.late() == ()


def test_nobody_waits_for_a_loop_that_has_ended() -> None:
    clock = Clock()
    progress = Progress(clock)
    progress.expect("dispatch")
    progress.done("dispatch")
    progress.done("dispatch")
    clock.at += GRACE + 1
    assert progress.late() == ()
