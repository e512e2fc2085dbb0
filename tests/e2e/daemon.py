"""The real process: `triage run` with a configuration in a folder, started, killed, asked through its command line."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared"
RULES = ROOT / "rules.yaml"
SUPPORT = "soporte@netone.example"

_CONFIG = """
site: {{name: NetOne, domain: netone.example, timezone: America/Argentina/Buenos_Aires, language: es,
  reference_prefix: NO, authserv_id: mx.netone.example, secret: {{file: secret}}}}
store: {store}
rules: {rules}
mailboxes:
  - name: soporte
    address: soporte@netone.example
    start: all
    poll: 1s
    imap: {{host: 127.0.0.1, port: {imap}, tls: none, user: "{user}", password: {{file: password}}}}
smtp: {{host: 127.0.0.1, port: {smtp}, tls: none}}
agents:
  - {{address: lucia.ferrari@netone.example, name: Lucía Ferrari, roles: [lead], areas: [soporte]}}
  - {{address: diego.maidana@netone.example, name: Diego Maidana, areas: [soporte]}}
  - {{address: carla.benitez@netone.example, name: Carla Benítez, areas: [soporte]}}
areas: {{soporte: {{products: []}}, desarrollo: {{address: desarrollo@netone.example}}}}
admin: sistemas@netone.example
limits: {limits}
log: {{format: json, level: info}}
"""


STARTED: list["Site"] = []  # in the running test


@dataclass
class Site:
    """A configured folder and the process that runs on it. `log` is what the process said so far."""

    folder: Path
    process: asyncio.subprocess.Process | None = None
    starts: int = 0
    log_path: Path = field(init=False)

    def __post_init__(self) -> None:
        self.log_path = self.folder / "log"

    @property
    def config(self) -> Path:
        return self.folder / "triage.yaml"

    async def start(self, environment: Mapping[str, str] | None = None) -> None:
        with self.log_path.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "triage",
                "run",
                "--config",
                str(self.config),
                stderr=log,
                cwd=self.folder,
                env={**os.environ, **(environment or {})},
            )
        self.starts += 1
        STARTED.append(self)

    async def kill(self) -> None:
        """kill -9, as the kernel or an impatient admin does."""
        assert self.process is not None
        self.process.kill()
        await self.process.wait()

    async def end(self) -> None:
        """Kill what still runs, for the end of a test that failed."""
        if self.process is not None and self.process.returncode is None:
            await self.kill()

    async def stop(self) -> int:
        """SIGTERM; returns the exit code."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self.process.wait(), 60)

    def log(self) -> str:
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    async def triage(self, *arguments: str) -> tuple[int, str, str]:
        """Run a command of the product against this site: exit code, stdout, stderr."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "triage",
            *arguments,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "TRIAGE_CONFIG": str(self.config)},
            cwd=self.folder,
        )
        out, err = await process.communicate()
        return process.returncode or 0, out.decode(), err.decode()

    def has_store(self) -> bool:
        """Whether the commands that only look have something to look at; a file is there before the first batch."""
        return (self.folder / "triage.db").exists() or "daemon.started" in self.log()

    async def cases(self) -> list[dict[str, Any]]:
        code, out, err = await self.triage("cases", "list", "--json", "--full")
        assert code == 0, err
        return [json.loads(line) for line in out.splitlines()]

    async def until(
        self, what: Callable[[list[dict[str, Any]]], bool], seconds: float = 60
    ) -> list[dict[str, Any]]:
        """Return the cases as soon as they satisfy `what`; the deadline is only for a daemon that never gets there."""
        async with asyncio.timeout(seconds):
            while True:
                dead = self.process is not None and self.process.returncode is not None
                assert not dead, self.log()[-2000:]
                found = await self.cases() if self.has_store() else []
                if what(found):
                    return found
                await asyncio.sleep(0.2)


def configured(
    folder: Path, *, imap: int, smtp: int, user: str, store: str = "sqlite:///triage.db", limits: str = "{}"
) -> Site:
    (folder / "secret").write_text("an end-to-end secret")
    (folder / "password").write_text("secreto")
    text = _CONFIG.format(store=store, rules=RULES, imap=imap, smtp=smtp, user=user, limits=limits)
    (folder / "triage.yaml").write_text(text)
    return Site(folder)
