"""triage.yaml: strict, secrets by reference, found where INTERFACE says."""

import re
from pathlib import Path

import pytest

from triage import settings
from triage.errors import Misconfigured

CONFIG = """
site: {name: NetOne, domain: netone.example, timezone: America/Argentina/Buenos_Aires, secret: {file: secret}}
store: sqlite:///triage.db
mailboxes:
  - name: soporte
    address: Soporte@NetOne.example
    imap: {host: 127.0.0.1, port: 1143, tls: none, user: soporte, password: {env: TRIAGE_TEST_PASSWORD}}
smtp: {host: 127.0.0.1, port: 1025, tls: none}
agents:
  - {address: lucia@netone.example, name: Lucía, roles: [lead], areas: [soporte], hours: {mon-fri: ["09:00-13:00"]}, absent: [2026-12-24..2027-01-05]}
areas: {soporte: {products: []}}
oncall: {rotation: weekly, start: 2026-01-05, agents: [lucia@netone.example]}
limits: {}
"""


def written(folder: Path, text: str = CONFIG) -> Path:
    (folder / "secret").write_text("s3cret\n")
    path = folder / "triage.yaml"
    path.write_text(text)
    return path


def problems(folder: Path, text: str) -> str:
    with pytest.raises(Misconfigured) as caught:
        settings.load(written(folder, text))
    return str(caught.value)


def test_a_whole_configuration_becomes_the_site_that_the_core_sees(tmp_path: Path) -> None:
    config = settings.load(written(tmp_path))
    site = config.identity()
    assert site.secret == b"s3cret"
    assert site.own_addresses() == {"soporte@netone.example"}
    agent = site.agent("lucia@netone.example")
    assert agent is not None
    assert set(agent.hours or ()) == {0, 1, 2, 3, 4}
    assert str(agent.absent[0].end) == "2027-01-05"
    assert config.store_url() == f"sqlite:///{tmp_path / 'triage.db'}"
    assert config.rules_path == tmp_path / "rules.yaml"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("tls: none, user", "tls: nome, user", "mailboxes.0.imap.tls"),
        (
            "host: 127.0.0.1, port: 1143",
            "host: imap.netone.example, port: 1143",
            "refused except towards loopback",
        ),
        ("{env: TRIAGE_TEST_PASSWORD}", "hunter2", "by reference"),
        ("{env: TRIAGE_TEST_PASSWORD}", "{env: A, file: B}", "exactly one"),
        ("Buenos_Aires", "Buenos_Aire", "unknown time zone"),
        ("areas: [soporte]", "areas: [ventas]", "ventas"),
        ("limits: {}", "limitz: {}", "did you mean limits"),
        ("mon-fri", "mon-fry", "names no days"),
        ("2026-12-24..2027-01-05", "2026-12-24..2026-01-05", "runs backwards"),
        ("agents: [lucia@netone.example]", "agents: [x@netone.example]", "is no agent"),
        ("sqlite:///triage.db", "mysql://x", "store: is sqlite"),
    ],
)
def test_a_wrong_value_is_refused_with_its_key(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in CONFIG
    assert words in problems(tmp_path, CONFIG.replace(old, new, 1))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", 0), (0, 0), ("90s", 90), ("1h30m", 5400), ("2d", 172800), (1.5, 1.5), ("0s", 0)],
)
def test_durations_are_read_in_words_and_in_seconds(text: object, seconds: float) -> None:
    assert settings.seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "1 fortnight", "-5", -5, True, "h"])
def test_what_is_no_duration_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="duration"):
        settings.seconds(text)


def test_the_configuration_is_found_in_the_promised_order(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TRIAGE_CONFIG", raising=False)
    here = written(tmp_path)
    assert settings.find(None) == Path("triage.yaml")
    monkeypatch.setenv("TRIAGE_CONFIG", str(here))
    assert settings.find(None) == here
    assert settings.find(Path("other.yaml")) == Path("other.yaml")


def test_missing_secrets_are_named_all_at_once_and_never_shown(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.delenv("TRIAGE_TEST_PASSWORD", raising=False)
    config = settings.load(written(tmp_path))
    (tmp_path / "secret").unlink()
    found = [str(problem) for problem in settings.secret_problems(config)]
    assert len(found) == 2
    assert re.match(r".*triage\.yaml:\d+:\d+: site\.secret: ", found[0])
    assert any("TRIAGE_TEST_PASSWORD" in line for line in found)


def test_a_secret_of_nothing_is_a_missing_one(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("TRIAGE_TEST_PASSWORD", "")
    config = settings.load(written(tmp_path))
    (tmp_path / "secret").write_text("\n")
    found = [str(problem) for problem in settings.secret_problems(config)]
    assert [line.endswith("is empty") for line in found] == [True, True]


def test_systemd_hands_credentials_in_a_folder(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "triage-secret").write_text("abc\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert settings.Secret(credential="triage-secret").read(Path()) == "abc"


def test_the_sample_site_is_the_labelled_one() -> None:
    site = settings.sample().identity(b"x")
    assert site.authserv_id == "mx.netone.example"
    assert len(site.agents) == 3
