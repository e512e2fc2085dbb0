"""Work shared out among processes: in order, with every end that a process can have. Each test is a program of its own,
for processes are forked before any thread runs, and test runners have threads.
"""

import subprocess
import sys

BEGIN = """
import os, resource, signal, multiprocessing
from triage.errors import Permanent
from triage.wiring import cores
"""


def printed(program: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", BEGIN + program], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def test_answers_come_in_the_order_of_the_items_from_as_many_processes_as_there_are_cores() -> None:
    order, others, left = printed("""
told = list(cores.shared_out(lambda share: ((item, os.getpid()) for item in share), range(100)))
print([item for item, _ in told] == list(range(100)))
many = len(os.sched_getaffinity(0))
print(len({pid for _, pid in told} - {os.getpid()}) == (many if many > 1 else 0))
print(multiprocessing.active_children())
""")
    assert (order, others, left) == ("True", "True", "[]")


def test_what_is_more_than_a_pipe_holds_arrives_whole() -> None:
    assert printed("""
told = cores.shared_out(lambda share: (item * 300_000 for item in share), ["a", "b", "c", "d", "e"])
print([(each[0], len(each)) for each in told])
""") == [str([(letter, 300_000) for letter in "abcde"])]


def test_an_error_of_ours_is_raised_where_its_item_stands() -> None:
    assert printed("""
def work(share):
    for item in share:
        if item == 4:
            raise Permanent("the store is gone")
        yield item
try:
    for answer in cores.shared_out(work, range(9)):
        print(answer)
except Permanent as error:
    print(error)
""") == ["0", "1", "2", "3", "the store is gone"]


def test_a_process_that_is_killed_is_told_and_none_is_left() -> None:
    assert printed("""
me = os.getpid()
def work(share):
    for item in share:
        if item == 3 and os.getpid() != me:
            os.kill(os.getpid(), signal.SIGKILL)
        yield item
if len(os.sched_getaffinity(0)) == 1:
    print("ended before its work was done", [])
else:
    try:
        list(cores.shared_out(work, range(9)))
    except Permanent as error:
        print(str(error).partition("judged files ")[2], multiprocessing.active_children())
""") == ["ended before its work was done []"]


def test_who_has_seen_enough_leaves_no_process_behind() -> None:
    assert printed("""
told = cores.shared_out(iter, range(100_000))
print(next(told))
told.close()
print(multiprocessing.active_children())
""") == ["0", "[]"]


def test_where_no_process_can_be_had_all_is_done_here() -> None:
    """Too few file descriptors: the second process gets no pipe any more."""
    assert printed(
        """
open_files = len(os.listdir("/proc/self/fd"))
resource.setrlimit(resource.RLIMIT_NOFILE, (open_files + 2, open_files + 2))
told = list(cores.shared_out(lambda share: ((item, os.getpid() == me) for item in share), range(5)))
print(told == [(item, True) for item in range(5)])
""".replace("told =", "me = os.getpid()\ntold =", 1)
    ) == ["True"]
