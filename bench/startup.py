"""What it costs to start: `triage --help`, `triage --version`, and the way to a daemon that is ready.

    python -m bench.startup

Milliseconds, the best of ten; CPU beside wall time, because other processes may want the machine.
"""

import os
import subprocess
import sys
import time

ROUNDS = 10
COMMANDS = (
    ("an empty Python", ["-c", "pass"]),
    ("triage --help", ["-m", "triage", "--help"]),
    ("triage --version", ["-m", "triage", "--version"]),
    ("import of the daemon", ["-c", "import triage.wiring.building"]),
)


def cost(arguments: list[str]) -> tuple[float, float]:
    """Return the least CPU and the least wall time of a command, in milliseconds."""
    cpu, wall = [], []
    for _ in range(ROUNDS):
        before, began = os.times(), time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
        after = os.times()
        wall.append(time.perf_counter() - began)
        cpu.append(
            after.children_user + after.children_system - before.children_user - before.children_system
        )
    return 1000 * min(cpu), 1000 * min(wall)


def main() -> None:
    for name, arguments in COMMANDS:
        cpu, wall = cost(arguments)
        print(f"{name:22} {cpu:6.0f} ms CPU {wall:6.0f} ms")


if __name__ == "__main__":
    main()
