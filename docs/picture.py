"""Draw docs/demo.svg: what `triage demo` prints, as a picture for the README (`make picture`)."""

import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

LINES = 34
WIDTH = 148


def main() -> None:
    """Play the demo on a pseudo-terminal, so that it colours its words, and save the beginning of the story."""
    command = ["script", "-qec", f"{sys.executable} -m triage demo", "/dev/null"]
    played = subprocess.run(command, capture_output=True, text=True, check=True)
    lines = [line.rstrip() for line in played.stdout.splitlines()][1:]
    shown = [line for line in lines if line][:LINES]
    console = Console(record=True, width=WIDTH, file=Path("/dev/null").open("w"))  # noqa: SIM115
    for line in shown:
        if "✉" in line and line is not shown[0]:
            console.print()
        console.print(Text.from_ansi(line), no_wrap=True, overflow="ellipsis")
    console.save_svg(str(Path(__file__).with_name("demo.svg")), title="make demo")


if __name__ == "__main__":
    main()
