"""Files that a command was asked for: one that cannot be written is told in a line, with the exit code for it."""

from pathlib import Path

import click


def write(path: Path, content: str | bytes, *, private: bool = False) -> None:
    """Write a file (`private`: for its owner's eyes only); a UsageError where it cannot be, as far as it went."""
    data = content.encode() if isinstance(content, str) else content
    try:
        if private:
            path.touch(mode=0o600)
            path.chmod(0o600)
        path.write_bytes(data)
    except OSError as error:
        raise click.UsageError(f"{path} cannot be written: {error.strerror}") from error
