import asyncio
import threading

import pytest

from triage.adapters.mailbox_imap import worker as worker_module
from triage.adapters.mailbox_imap.worker import Worker
from triage.errors import Temporary


async def test_work_runs_in_one_other_thread_and_errors_come_back() -> None:
    worker = Worker("test", lambda: None)
    first, second = [await worker.run(threading.get_ident, 5, "it") for _ in range(2)]
    assert first == second != threading.get_ident()
    with pytest.raises(ZeroDivisionError):
        await worker.run(lambda: 1 / 0, 5, "it")
    worker.stop()


async def test_a_deadline_interrupts_the_work_and_says_what_was_asked() -> None:
    stuck = threading.Event()
    worker = Worker("test", stuck.set)
    with pytest.raises(Temporary, match="no answer to NOOP within 0 s"):
        await worker.run(stuck.wait, 0.01, "NOOP")
    assert await worker.run(lambda: 3, 5, "it") == 3
    worker.stop()


async def test_a_thread_that_cannot_be_interrupted_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_module, "GRACE", 0.01)
    stuck = threading.Event()
    worker = Worker("test", lambda: None)
    with pytest.raises(Temporary):
        await worker.run(stuck.wait, 0.01, "a name look-up")
    assert await worker.run(lambda: 3, 5, "it") == 3
    stuck.set()
    worker.stop()


async def test_cancelling_interrupts_the_work() -> None:
    stuck = threading.Event()
    worker = Worker("test", stuck.set)
    task = asyncio.ensure_future(worker.run(stuck.wait, 50, "it"))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert stuck.is_set()
    worker.stop()
