"""`triage init`: what it writes passes the check, says every key, and never overwrites unasked."""

from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from triage import settings
from triage.cli import cli
from triage.settings import Limits

FLAGS = (
    *("--name", "Acme S.A.", "--domain", "acme.example", "--address", "Help@acme.example"),
    *("--imap-host", "imap.acme.example", "--smtp-host", "smtp.acme.example", "--user", "help"),
    *("--timezone", "Europe/Madrid", "--language", "en"),
    *("--agent", "Ana Ruiz <Ana@acme.example>", "--agent", "bob@acme.example", "--yes"),
)


def triage(*arguments: object, answers: str | None = None) -> Result:
    return CliRunner().invoke(cli, [str(each) for each in arguments], input=answers)


def test_what_init_writes_passes_the_check(tmp_path: Path) -> None:
    made = triage("init", tmp_path / "site", *FLAGS)
    assert made.exit_code == 0, made.output
    checked = triage("check", "--offline", "--config", tmp_path / "site/triage.yaml")
    assert checked.exit_code == 0, checked.output


@pytest.mark.parametrize("secrets", ["file", "env"])
def test_secrets_may_live_elsewhere(tmp_path: Path, secrets: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TRIAGE_SECRET", "TRIAGE_IMAP_PASSWORD", "TRIAGE_SMTP_PASSWORD"):
        monkeypatch.setenv(name, "x")
    assert triage("init", tmp_path, *FLAGS, "--secrets", secrets).exit_code == 0
    if secrets == "file":
        for name in ("imap-password", "smtp-password"):
            (tmp_path / "secrets" / name).write_text("x")
        assert (tmp_path / "secrets/triage-secret").stat().st_mode & 0o777 == 0o600
    assert triage("check", "--offline", "--config", tmp_path / "triage.yaml").exit_code == 0


def test_the_answers_stand_in_the_files(tmp_path: Path) -> None:
    triage("init", tmp_path, *FLAGS)
    config = settings.load(tmp_path / "triage.yaml")
    assert (config.site.name, config.site.domain, config.site.timezone) == (
        "Acme S.A.",
        "acme.example",
        "Europe/Madrid",
    )
    assert config.mailboxes[0].address == "help@acme.example"
    assert config.mailboxes[0].imap.user == "help"
    assert [(a.name, a.address) for a in config.agents] == [
        ("Ana Ruiz", "ana@acme.example"),
        ("bob", "bob@acme.example"),
    ]
    rules = yaml.safe_load((tmp_path / "rules.yaml").read_text())
    assert rules["company"]["name"] == "Acme S.A."
    assert rules["company"]["email"] == "help@acme.example"
    assert rules["company"]["phones"] == []  # nobody is sent to the telephone of another company


def test_every_limit_is_written_with_its_words_and_its_default(tmp_path: Path) -> None:
    triage("init", tmp_path, *FLAGS)
    text = (tmp_path / "triage.yaml").read_text()
    for name, field in Limits.model_fields.items():
        assert f"# {name}: " in text
        assert field.description
        assert field.description in text


def test_uncommented_limits_are_the_defaults(tmp_path: Path) -> None:
    triage("init", tmp_path, *FLAGS)
    path = tmp_path / "triage.yaml"
    head, _, tail = path.read_text().partition("\nlimits:")
    limits, _, rest = tail.partition("\n\n")
    names = tuple(f"# {name}: " for name in Limits.model_fields)
    lines = [
        line.replace("# ", "", 1) if line.strip().startswith(names) else line for line in limits.splitlines()
    ]
    path.write_text(f"{head}\nlimits:" + "\n".join(lines) + f"\n\n{rest}")
    assert "\n  batch: 50 " in path.read_text()
    assert settings.load(path).limits == Limits()


def test_nothing_is_overwritten_without_force(tmp_path: Path) -> None:
    triage("init", tmp_path, *FLAGS)
    (tmp_path / "rules.yaml").write_text("mine")
    refused = triage("init", tmp_path, *FLAGS)
    assert refused.exit_code == 2
    assert "rules.yaml" in refused.stderr
    assert (tmp_path / "rules.yaml").read_text() == "mine"
    assert triage("init", tmp_path, *FLAGS, "--force").exit_code == 0
    assert (tmp_path / "rules.yaml").read_text() != "mine"


def test_stdout_names_the_files_and_stderr_the_commands_that_remain(tmp_path: Path) -> None:
    made = triage("init", tmp_path, *FLAGS)
    written = {Path(line) for line in made.stdout.splitlines()}
    assert {path.name for path in written} >= {"triage.yaml", "rules.yaml", "README.md", "triage.service"}
    assert all(path.is_file() for path in written)
    assert "/etc/credstore/imap-password" in made.stderr
    assert "systemctl enable --now triage" in made.stderr


def test_the_unit_is_of_this_folder_and_asks_for_no_credential_that_is_not_needed(tmp_path: Path) -> None:
    triage("init", tmp_path, *FLAGS, "--smtp-user", "")
    unit = (tmp_path / "triage.service").read_text()
    assert f"run --config {tmp_path}/triage.yaml" in unit
    assert "LoadCredential=imap-password:" in unit
    assert "smtp-password" not in unit.partition("[Unit]")[2]
    assert settings.load(tmp_path / "triage.yaml").smtp.password is None


def test_without_a_terminal_and_without_flags_it_writes_the_sample(tmp_path: Path) -> None:
    assert triage("init", tmp_path).exit_code == 0
    assert settings.load(tmp_path / "triage.yaml").site.name == "NetOne"


def test_a_wrong_agent_is_refused(tmp_path: Path) -> None:
    assert triage("init", tmp_path, "--agent", "nobody").exit_code == 2
