"""Coverage-guided fuzzing from bytes to decision: `make fuzz` (a minute; SECONDS=3600 make fuzz for longer).

Begins with the project's own mails, one of each kind; what breaks an invariant ends the run with a trace and is written
below tests/fuzz/found, where test_found.py asks it again for ever.
"""

import sys
import tempfile
from pathlib import Path

import atheris

from tests.fuzz.seeds import seeds

with atheris.instrument_imports(include=["triage", "email", "mailparser"]):
    from tests.fuzz.invariants import check, decided

FOUND = Path(__file__).with_name("found")
STALL = 20  # seconds for one message, the same as the parsing process is given
MEMORY = 2_048  # MB


def one(raw: bytes) -> None:
    check(decided(raw))


def main(seconds: int) -> None:
    corpus = Path(tempfile.mkdtemp(prefix="triage-fuzz-"))
    for number, raw in enumerate(seeds()):
        (corpus / f"{number:03}.eml").write_bytes(raw)
    limits = [f"-max_total_time={seconds}", f"-timeout={STALL}", f"-rss_limit_mb={MEMORY}", "-max_len=20000"]
    atheris.Setup([sys.argv[0], str(corpus), f"-artifact_prefix={FOUND}/", *limits], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 60)
