"""Score the whole way from bytes to Reading on the mail in ../shared/corpus and ../shared/labelled.

    python bench/corpus_score.py [--misses COLUMN ...] [--half a|b] [CORPUS]

Prints a score per column of INDEX.tsv, for all files and for two halves (by the parity of a digest of the file's
name: rules are written looking at half `a` only), and lists the misses. `first_line` counts by its first 60
characters within the new text, `subject` by 150, blanks folded; one listed bounce recipient suffices.
"""

import argparse
import csv
import hashlib
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from triage.adapters.parser_mailparser.parser import MailParser
from triage.core.message import Message, RawMail
from triage.core.model import Language, MessageClass
from triage.core.reading import read
from triage.core.site import Agent, MailboxIdentity, Site
from triage.core.understood import Reading

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"
STALL = 20.0  # seconds

SITE = Site(
    name="NetOne",
    domain="netone.example",
    zone=ZoneInfo("America/Argentina/Buenos_Aires"),
    language=Language.ES,
    reference_prefix="NO",
    authserv_id="mx.netone.example",
    secret=b"a secret for measuring only",
    mailboxes=(MailboxIdentity("soporte", "soporte@netone.example"),),
    agents=tuple(
        Agent(f"{name}@netone.example", name) for name in ("lucia.ferrari", "diego.maidana", "carla.benitez")
    ),
)

Row = dict[str, str]


def fold(text: str) -> str:
    return " ".join(text.split())


def raw_of(path: Path) -> bytes:
    """A `.txt` is only the body of a reply: give it the header of a plain mail."""
    data = path.read_bytes()
    if path.suffix != ".txt":
        return data
    head = (
        "From: Ana <ana@tienda-prueba.example>\nTo: soporte@netone.example\nSubject: Re: Consulta\n"
        "Message-ID: <body@tienda-prueba.example>\nMIME-Version: 1.0\n"
        "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
    )
    return head.encode() + data


def _bounce(row: Row, reading: Reading, _: Message) -> bool | None:
    is_bounce = reading.message_class is MessageClass.BOUNCE
    if row["bounce"] == "temporary":
        return is_bounce and reading.bounce is not None and reading.bounce.temporary
    if row["bounce"] == "yes":
        return is_bounce and reading.bounce is not None and not reading.bounce.temporary
    return not is_bounce if row["bounce"] == "no" else None


def _recipients(row: Row, reading: Reading, _: Message) -> bool | None:
    if not row["bounce_rcpt"]:
        return None
    found = set(reading.bounce.recipients) if reading.bounce else set()
    return bool(found & set(row["bounce_rcpt"].split(",")))


def _ack(row: Row, reading: Reading, _: Message) -> bool | None:
    return reading.may_ack is (row["ack"] == "yes") if row["ack"] in {"yes", "no"} else None


def _first_line(row: Row, reading: Reading, _: Message) -> bool | None:
    return fold(row["first_line"])[:60] in fold(reading.new_text) if row["first_line"] else None


def _sender(row: Row, reading: Reading, _: Message) -> bool | None:
    return (reading.sender.address if reading.sender else "") == row["sender"] if row["sender"] else None


COLUMNS: dict[str, Callable[[Row, Reading, Message], bool | None]] = {
    "autoreply": lambda row, reading, _: (
        reading.message_class in {MessageClass.AUTO_REPLY, MessageClass.RECEIPT} if row["autoreply"] else None
    ),
    "bounce": _bounce,
    "bounce_rcpt": _recipients,
    "list": lambda row, reading, _: not reading.may_ack if row["list"] else None,
    "sender": _sender,
    "subject": lambda row, _, message: (
        fold(message.subject)[:150] == fold(row["subject"])[:150] if row["subject"] else None
    ),
    "first_line": _first_line,
    "reply_text": lambda row, reading, _: (
        fold(reading.new_text) == fold(row["reply_text"]) if row["reply_text"] else None
    ),
    "ack=no": lambda row, reading, message: _ack(row, reading, message) if row["ack"] == "no" else None,
    "ack=yes": lambda row, reading, message: _ack(row, reading, message) if row["ack"] == "yes" else None,
}


def half_of(name: str) -> str:
    return "ab"[int(hashlib.sha256(name.encode()).hexdigest(), 16) % 2]


def rows(corpus: Path) -> Iterator[Row]:
    with (corpus / "INDEX.tsv").open(encoding="utf-8", newline="") as index:
        yield from csv.DictReader(index, delimiter="\t", quoting=csv.QUOTE_NONE)


def score(corpus: Path, shown: set[str], half: str) -> int:
    parser = MailParser()
    results: dict[tuple[str, str], list[bool]] = defaultdict(list)
    misses: list[tuple[str, str, str]] = []
    slowest = (0.0, "")
    began = time.perf_counter()
    for row in rows(corpus):
        group = half_of(row["file"])
        started = time.perf_counter()
        try:
            message = parser.parse(RawMail(raw=raw_of(corpus / row["file"])))
            reading = read(message, SITE)
        except Exception as error:  # noqa: BLE001 - a crash is what is measured
            misses.append(("crash", row["file"], repr(error)[:200]))
            results["crash", group].append(False)
            continue
        took = time.perf_counter() - started
        slowest = max(slowest, (took, row["file"]))
        results["crash", group].append(True)
        results["stall", group].append(took < STALL)
        for column, judge in COLUMNS.items():
            verdict = judge(row, reading, message)
            if verdict is not None:
                results[column, group].append(verdict)
                if not verdict:
                    misses.append((column, row["file"], _told(column, row, reading, message)))
    _print(results, slowest, time.perf_counter() - began)
    for column, file, told in sorted(misses):
        if (not shown or column in shown) and (not half or half_of(file) == half):
            print(f"miss\t{column}\t{file}\t{told}")
    return 1 if misses else 0


def _print(results: dict[tuple[str, str], list[bool]], slowest: tuple[float, str], took: float) -> None:
    print("column\tall\thalf a\thalf b")
    for column in ("crash", "stall", *COLUMNS):
        cells = [_share(results[column, "a"] + results[column, "b"])]
        cells += [_share(results[column, half]) for half in "ab"]
        print("\t".join([column, *cells]))
    print(f"slowest\t{slowest[0]:.2f} s\t{slowest[1]}\nall\t{took:.1f} s")


def _share(outcomes: list[bool]) -> str:
    return f"{sum(outcomes)}/{len(outcomes)} {100 * sum(outcomes) / len(outcomes):.1f} %" if outcomes else "-"


def _told(column: str, row: Row, reading: Reading, message: Message) -> str:
    got = {
        "sender": reading.sender.address if reading.sender else "",
        "subject": fold(message.subject)[:90],
        "first_line": reading.first_line[:90],
        "reply_text": fold(reading.new_text)[-90:],
        "bounce_rcpt": ",".join(reading.bounce.recipients) if reading.bounce else "",
        "ack=yes": reading.ack_reason,
    }.get(column, f"{reading.message_class} temporary={reading.bounce.temporary if reading.bounce else '-'}")
    wanted = row.get(column.partition("=")[0], "")
    return f"got {got!r}, wanted {(wanted[-90:] if column == 'reply_text' else wanted[:90])!r}"


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("corpus", nargs="?", type=Path, default=SHARED / "corpus")
    arguments.add_argument("--misses", nargs="*", default=[], help="only these columns")
    arguments.add_argument("--half", default="", choices=["", "a", "b"])
    given = arguments.parse_args()
    return score(given.corpus, set(given.misses), given.half)


if __name__ == "__main__":
    raise SystemExit(main())
