"""What `triage check` warns of in a triage.yaml that is valid and yet hardly meant so, on the machine it is for."""

import os
from pathlib import Path

from triage.errors import Problem
from triage.settings import Settings

_UNITS = Path("/etc/systemd/system")
_STATE = (
    Path("/var/lib/triage"),
    Path("/var/lib/private/triage"),
)  # StateDirectory=, and where DynamicUser= has it


def found(config: Settings, units: Path = _UNITS) -> list[Problem]:
    """Return the warnings; `units`: where the machine's own units lie."""

    def warning(key: str, message: str) -> Problem:
        return config.document.problem(key.split("."), message, warning=True)

    problems = []
    if not config.agents and config.admin is None:
        problems.append(warning("agents", "nobody is told of a case: there are no agents, and no admin"))
    overrides = config.templates_path
    if overrides is not None and not _there(f"{overrides}/"):
        problems.append(warning("templates", f"{overrides} is no folder: the shipped mails are sent"))
    if config.backup is not None:
        folder = config.path(config.backup.folder)
        if not _writable(folder):
            problems.append(warning("backup.folder", f"{folder} cannot be written"))
        elif _under_the_unit(config, units) and not _within(folder, _STATE + _opened(units)):
            problems.append(
                warning(
                    "backup.folder",
                    f"the unit cannot write {folder}: choose one below {_STATE[0]}, or `systemctl edit triage` and give "
                    f"its [Service] ReadWritePaths={folder}",
                )
            )
    return problems


def _under_the_unit(config: Settings, units: Path) -> bool:
    return config.site.secret.credential is not None or (units / "triage.service").is_file()


def _writable(folder: Path) -> bool:
    """Say whether a folder could be made, or written into; by us, who may be root where the service is not."""
    nearest = next(path for path in (folder, *folder.parents) if _there(path))
    return nearest.is_dir() and os.access(nearest, os.W_OK)


def _there(path: Path | str) -> bool:
    """Say whether we see a path; Path.exists() raises for one in a folder we may not enter, such as /var/lib/private."""
    return os.access(path, os.F_OK)


def _opened(units: Path) -> tuple[Path, ...]:
    """Return what triage's unit and its drop-ins open for writing; the rest of the file system is read-only to it."""
    lines = (
        line.partition("=")
        for path in (units / "triage.service", *sorted(units.glob("triage.service.d/*.conf")))
        if path.is_file()
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines()
    )
    return tuple(
        Path(path.lstrip("-+"))
        for key, _, value in lines
        if key.strip() == "ReadWritePaths"
        for path in value.split()
    )


def _within(folder: Path, parents: tuple[Path, ...]) -> bool:
    return any(folder == parent or parent in folder.parents for parent in parents)
