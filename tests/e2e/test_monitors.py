"""Monitors: an alert opens a case and its repeats join it, the recovery is told to the agents, the robot to nobody."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.e2e.playbook import Playbook, playing, to_agents, to_client

START = datetime(2026, 10, 20, 13, 15, tzinfo=UTC)  # Tuesday 10:15
NAGIOS = "nagios@monitoreo.netone.example"


def alert(subject: str, at: datetime, text: str = "Host: web01\nService: HTTP\nState: x\n") -> bytes:
    stamp = at.strftime("%a, %d %b %Y %H:%M:%S +0000")
    return (
        f"Received: from a by mx.netone.example; {stamp}\r\nFrom: Nagios <{NAGIOS}>\r\n"
        f"To: soporte@netone.example\r\nSubject: {subject}\r\nDate: {stamp}\r\n"
        f"Message-ID: <{at.timestamp()}@monitoreo.netone.example>\r\nAuto-Submitted: auto-generated\r\n"
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}"
    ).encode()


DOWN = "** PROBLEM Service Alert: web01/HTTP is CRITICAL **"
UP = "** RECOVERY Service Alert: web01/HTTP is OK **"


async def story(play: Playbook) -> None:
    mails = await play.arrives(alert(DOWN, START))
    case = await play.case()
    assert case["acknowledged_at"] is None
    assert not to_client(mails)
    assert to_agents(mails)

    again = await play.arrives(alert(DOWN, START + timedelta(minutes=5)))
    assert len((await play.case())["messages"]) == 2
    assert not again

    well = await play.arrives(alert(UP, START + timedelta(minutes=9)))
    assert "Se recuperó" in str(well[0]["Subject"])
    assert not to_client(well)
    assert (await play.case())["state"] == "new"

    back = await play.arrives(alert(DOWN, START + timedelta(minutes=12)))
    assert "Vuelve a fallar" in str(back[0]["Subject"])

    await play.arrives(alert(DOWN.replace("web01", "db1"), START + timedelta(minutes=14)))
    assert len(await play.cases()) == 2


async def test_an_alert_opens_a_case_its_repeats_join_it_and_its_recovery_is_told(tmp_path: Path) -> None:
    async with playing(tmp_path, START) as play:
        await story(play)
