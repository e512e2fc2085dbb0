"""Which file a template is: the order of overrides, read whole into memory and swapped whole.

    <overrides>/<mailbox>/<severity>/<language>/NAME      most specific first
    <overrides>/<mailbox>/<language>/NAME
    <overrides>/<severity>/<language>/NAME
    <overrides>/<language>/NAME
    the shipped templates/<language>/NAME

and for what has no language (layout.html) the same without it. A mail's own `.html` counts only where it is at least
as specific as the `.txt` that won: an overridden text never travels beside older HTML words; without a `.html` the
HTML part is made from the text (`letter`).
"""

from dataclasses import dataclass, field
from pathlib import Path

from triage import settings
from triage.errors import Misconfigured, Problem

FILE_LIMIT = 64 * 1024
SUFFIXES = (".txt", ".html")


@dataclass(frozen=True, slots=True)
class Where:
    """For whom a template is wanted; an empty mailbox or severity: no override cares."""

    mailbox: str
    severity: str
    language: str

    def folders(self) -> tuple[str, ...]:
        """Return the folders to search, relative to the overrides, most specific first."""
        heads = (f"{self.mailbox}/{self.severity}/", f"{self.mailbox}/", f"{self.severity}/", "")
        kept = [head for head in heads if "//" not in f"/{head}"]
        return tuple(dict.fromkeys(f"{head}{tail}" for tail in (f"{self.language}/", "") for head in kept))


@dataclass(frozen=True, slots=True)
class Found:
    """A template's source, the file it stands in, and its rank (0: the most specific place)."""

    source: str
    file: str
    rank: int


@dataclass(frozen=True)
class Sources:
    """Every template there is, at one moment. `shipped` and `overrides`: path below the root to (source, file)."""

    shipped: dict[str, tuple[str, str]]
    overrides: dict[str, tuple[str, str]] = field(default_factory=dict)

    def where(self, mailbox: str, severity: str, language: str) -> Where:
        """Return the context, without the mailbox or severity for which nothing is overridden."""
        heads = {part for path in self.overrides for part in path.split("/")[:-1]}
        return Where(mailbox if mailbox in heads else "", severity if severity in heads else "", language)

    def find(self, where: Where, name: str) -> Found | None:
        """Return the winning file of a name."""
        folders = where.folders()
        for rank, folder in enumerate(folders):
            if found := self.overrides.get(folder + name):
                return Found(*found, rank)
        for rank, folder in enumerate((f"{where.language}/", ""), len(folders)):
            if found := self.shipped.get(folder + name):
                return Found(*found, rank)
        return None

    def names(self) -> tuple[str, ...]:
        """Return the names of all mails, sorted: whatever has a subject."""
        ends = ".subject.txt"
        paths = (path.rsplit("/", 1)[-1] for path in (*self.shipped, *self.overrides))
        return tuple(sorted({name.removesuffix(ends) for name in paths if name.endswith(ends)}))


def read(shipped: Path, overrides: Path | None) -> Sources:
    """Read both folders; raises Misconfigured with every file that cannot be a template."""
    problems: list[Problem] = []
    own = _read_folder(shipped, problems)
    other = (
        _read_folder(overrides, problems) if overrides and overrides.resolve() != shipped.resolve() else {}
    )
    if not own:
        problems.append(Problem(str(shipped), 0, 0, "", "holds no templates"))
    if problems:
        raise Misconfigured(tuple(problems))
    return Sources(own, other)


def _read_folder(root: Path, problems: list[Problem]) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for path in sorted(root.rglob("*")) if root.is_dir() else ():
        if path.suffix not in SUFFIXES or not path.is_file():
            continue
        try:
            content = path.read_bytes()
            if len(content) > FILE_LIMIT:
                problems.append(Problem(str(path), 0, 0, "", f"is larger than {FILE_LIMIT} bytes"))
                continue
            found[path.relative_to(root).as_posix()] = (content.decode("utf-8-sig"), str(path))
        except OSError as error:
            problems.append(Problem(str(path), 0, 0, "", f"cannot be read: {error.strerror or error}"))
        except UnicodeDecodeError as error:
            problems.append(Problem(str(path), 0, 0, "", f"is not UTF-8 (byte {error.start})"))
    return found


def shipped_dir() -> Path:
    """Return where our own templates stand."""
    return settings.shipped("templates")
