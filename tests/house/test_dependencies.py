"""The audit of what we depend on that needs no network: hashes, reasons, licences, and nothing that contradicts.

Known vulnerabilities are not looked up: their databases are on the network (docs/threat-model.md says how to).
"""

import re
import tomllib
from collections.abc import Iterator
from importlib import metadata
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements.lock").read_text()
PROJECT = (ROOT / "pyproject.toml").read_text()
_LOCKED = re.compile(r"^([a-z0-9][a-z0-9._-]*)==(\S+)", re.MULTILINE)
# What may be used beside an MIT program without changing its terms; LGPL and MPL are imported, never changed.
_FREE = re.compile(
    r"\b(MIT|BSD|0BSD|Apache|PSF|Python Software Foundation|MPL|Mozilla|LGPL|Lesser General|HPND)\b"
)
# Said in their repositories, in no field of their packages: BSD-3-Clause and Apache-2.0.
_SAYS_NOTHING = frozenset({"imapclient", "atheris"})


def _locked() -> list[str]:
    return sorted({match[1] for match in _LOCKED.finditer(LOCK)})


def _direct() -> Iterator[Requirement]:
    project = tomllib.loads(PROJECT)["project"]
    for text in chain(project["dependencies"], *project["optional-dependencies"].values()):
        found = Requirement(text)
        if found.name != project["name"]:
            yield found


def test_the_wheel_installs_nothing_but_triage() -> None:
    """A second top-level package would take its name from every other program of that environment."""
    assert tomllib.loads(PROJECT)["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == ["triage"]


def test_every_locked_package_has_its_hashes() -> None:
    entries = re.split(r"(?m)^(?=[a-z0-9][a-z0-9._-]*==)", LOCK)[1:]
    assert len(entries) > 50
    assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_what_we_ask_for_is_what_is_locked() -> None:
    locked: dict[str, list[str]] = {}
    for match in _LOCKED.finditer(LOCK):
        locked.setdefault(match[1], []).append(match[2].rstrip("\\").strip())
    for wanted in _direct():
        assert any(wanted.specifier.contains(version) for version in locked[wanted.name]), wanted


@pytest.mark.parametrize("name", sorted({wanted.name for wanted in _direct()}))
def test_every_direct_dependency_says_why_it_is_there(name: str) -> None:
    lines = [line for line in PROJECT.splitlines() if re.search(rf'"{re.escape(name)}[\[=><";]', line)]
    assert any("#" in line for line in lines), f"no reason beside {name} in pyproject.toml"


@pytest.mark.parametrize("name", _locked())
def test_every_licence_is_one_that_we_may_use(name: str) -> None:
    try:
        told = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        pytest.xfail(f"{name} is for another system")
    words = [told.get("License-Expression") or "", (told.get("License") or "")[:200]]
    words += [one for one in told.get_all("Classifier") or () if one.startswith("License")]
    assert any(_FREE.search(word) for word in words) or name in _SAYS_NOTHING, words


def test_what_is_installed_fits_together() -> None:
    for name in _locked():
        try:
            needed = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            continue
        for text in needed:
            wanted = Requirement(text)
            if wanted.marker is not None and not wanted.marker.evaluate({"extra": ""}):
                continue
            assert wanted.specifier.contains(metadata.version(wanted.name), prereleases=True), (
                f"{name}: {text}"
            )
