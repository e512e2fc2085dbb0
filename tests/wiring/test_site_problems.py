"""What `triage check` warns of in a valid triage.yaml."""

import re
from pathlib import Path

from tests.settings.test_settings import CONFIG, written
from triage import settings
from triage.wiring import site_problems

UNDER_THE_UNIT = CONFIG.replace("{file: secret}", "{credential: triage-secret}")


def warnings(folder: Path, text: str, units: Path | None = None) -> list[str]:
    config = settings.load(written(folder, text))
    found = site_problems.found(config, units or folder / "units")
    assert all(problem.warning for problem in found)
    return [re.sub(r"^.*?: warning: ", "", str(problem)) for problem in found]


def test_a_usual_site_has_none(tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    text = f"{UNDER_THE_UNIT}\ntemplates: templates/\nbackup: {{folder: /var/lib/triage/backups}}\n"
    assert warnings(tmp_path, text) == []


def test_a_site_where_nobody_is_told_of_a_case(tmp_path: Path) -> None:
    nobody = re.sub(r"agents:\n.*\n", "agents: []\n", CONFIG, count=1)
    nobody = re.sub(r"oncall:.*\n", "", nobody)
    assert warnings(tmp_path, nobody) == [
        "agents: nobody is told of a case: there are no agents, and no admin"
    ]
    assert warnings(tmp_path, nobody + "admin: root@netone.example\n") == []


def test_overrides_that_are_nowhere(tmp_path: Path) -> None:
    expected = f"templates: {tmp_path}/ours is no folder: the shipped mails are sent"
    assert warnings(tmp_path, CONFIG + "templates: ours\n") == [expected]


def test_a_backup_folder_that_cannot_be_one(tmp_path: Path) -> None:
    expected = f"backup.folder: {tmp_path}/secret/copies cannot be written"
    assert warnings(tmp_path, CONFIG + "backup: {folder: secret/copies}\n") == [expected]


def test_folders_that_cannot_even_be_looked_for(tmp_path: Path) -> None:
    """As in a folder that we may not enter; root, who may run this, enters all, so here by names that are too long."""
    long = "x" * 300
    text = CONFIG + f"templates: {long}\nbackup: {{folder: {long}/copies}}\n"
    assert warnings(tmp_path, text) == [
        f"templates: {tmp_path}/{long} is no folder: the shipped mails are sent"
    ]


def test_a_backup_folder_that_the_unit_keeps_read_only(tmp_path: Path) -> None:
    away, units = tmp_path / "copies", tmp_path / "units"
    text = f"backup: {{folder: {away}}}\n"
    assert warnings(tmp_path, CONFIG + text) == []  # a service of the site's own
    (told,) = warnings(tmp_path, UNDER_THE_UNIT + text)
    assert told.startswith(f"backup.folder: the unit cannot write {away}: choose one below /var/lib/triage")
    assert told.endswith(f"ReadWritePaths={away}")
    (units / "triage.service.d").mkdir(parents=True)
    (units / "triage.service").write_text("[Service]\nProtectSystem=strict\n")
    assert len(warnings(tmp_path, CONFIG + text, units)) == 1
    (units / "triage.service.d" / "override.conf").write_text(f"[Service]\nReadWritePaths={tmp_path}\n")
    assert warnings(tmp_path, CONFIG + text, units) == []
