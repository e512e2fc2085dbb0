"""Servers that the whole session shares, and the closing line that says what was left out.

Each test takes a mailbox or a database of its own on the shared servers. What cannot run here is skipped with a reason
that names what is missing; with TRIAGE_TEST_ALL=1 (CI) anything left out fails the run, but for the shared samples,
which are no part of the repository.
"""

import os
import shutil
import ssl
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol, TypeVar

import pytest
import structlog
from hypothesis import HealthCheck, settings

from tests.servers import cyrus as cyrus_server
from tests.servers import dovecot as dovecot_server
from tests.servers import postgres as postgres_server
from tests.servers.certificates import Certificates, make_certificates

ALL = "TRIAGE_TEST_ALL"


# How fast examples are made says something of the machine, and of the coverage it measures; nothing of the code.
settings.register_profile("triage", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("triage")


def pytest_configure() -> None:
    # structlog's own default draws every local variable of a traceback: minutes for one line with a desk in it.
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["event"]),
        ]
    )


class _Server(Protocol):
    def start(self) -> None: ...
    def close(self) -> None: ...


S = TypeVar("S", bound=_Server)


def _running(missing: str, make: Callable[[], S]) -> Iterator[S]:
    """Start a server and close it in the end; skip what needs it where it is `missing`."""
    if missing:
        pytest.skip(missing)
    server = make()
    try:
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture(scope="session")
def dovecot() -> Iterator[dovecot_server.Dovecot]:
    """One Dovecot for the session; a test that stops or kills the server starts its own."""
    yield from _running(dovecot_server.missing(), dovecot_server.Dovecot)


@pytest.fixture(scope="session")
def cyrus() -> Iterator[cyrus_server.Cyrus]:
    """One Cyrus for the session."""
    yield from _running(cyrus_server.missing(), cyrus_server.Cyrus)


@pytest.fixture(scope="session")
def postgres() -> Iterator[postgres_server.Cluster]:
    """One PostgreSQL for the session; `url()` gives a new database."""
    found = postgres_server.programs()
    if found is None:
        pytest.skip("PostgreSQL's server programs are not installed (Debian: postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="triage-pg-"))  # not tmp_path: a socket's path must be short
    try:
        cluster = postgres_server.Cluster(folder, found)
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return a database of the test's own, on each of the two."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/triage.db"
    return str(request.getfixturevalue("postgres").url())


# -- what was left out ---------------------------------------------------------------------------------------------


def _left_out(reports: list[pytest.TestReport]) -> tuple[Counter[str], Counter[str]]:
    """Return reason -> number: of what CI has to run, and of what needs the shared samples."""
    needed: Counter[str] = Counter()
    shared: Counter[str] = Counter()
    for report in reports:
        words = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reason = words.removeprefix("Skipped: ")
        (shared if "shared" in reason else needed)[reason] += 1
    return needed, shared


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    needed, shared = _left_out(terminalreporter.stats.get("skipped", []))
    soak = sum(
        item.get_closest_marker("slow") is not None for item in terminalreporter.stats.get("deselected", [])
    )
    parts = [f"{number} ({reason})" for reason, number in (needed + shared).items()]
    parts += [f"{soak} (slow: make soak)"] if soak else []
    if parts:
        terminalreporter.write_line(f"left out: {'; '.join(parts)}")
    if needed and os.environ.get(ALL):
        terminalreporter.write_line(f"{ALL} is set: nothing may be left out", red=True)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or not os.environ.get(ALL):
        return
    needed, _ = _left_out(reporter.stats.get("skipped", []))
    if needed and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def server_tls(certificates: Certificates) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.certificate, certificates.key)
    return context
