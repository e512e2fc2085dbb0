"""How long `triage --help` and the first words of other commands take: fresh processes, the median of many.

Run: .venv/bin/python bench/startup.py [RUNS]. The budget of `--help` is 150 ms (DESIGN section 10); the bare interpreter
in the same run says how fast this machine is.
"""

import statistics
import subprocess
import sys
import time
from pathlib import Path

TRIAGE = str(Path(sys.executable).with_name("triage"))
COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "python -c 'import click'": [sys.executable, "-c", "import click"],
    "triage --help": [TRIAGE, "--help"],
    "triage --version": [TRIAGE, "--version"],
    "triage explain --help": [TRIAGE, "explain", "--help"],
    "triage check --help": [TRIAGE, "check", "--help"],
}


def median_ms(command: list[str], runs: int) -> float:
    taken = []
    for _ in range(runs):
        begin = time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken) * 1_000


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    bare = median_ms(COMMANDS["python -c pass"], runs)
    for name, command in COMMANDS.items():
        taken = median_ms(command, runs)
        print(f"{name:28} {taken:7.0f} ms   {taken / bare:4.1f} x the bare interpreter")


if __name__ == "__main__":
    main()
