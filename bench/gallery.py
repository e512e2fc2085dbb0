"""`make gallery`: every mail in every language on one page, and pictures of it as a phone and a desktop show it.

Writes build/gallery/index.html (text, HTML and subject of each mail side by side) and, where Chromium is installed,
PNG sheets: phone (390 px) and desktop (900 px), light and dark, one a language and a group of mails.
"""

import argparse
import asyncio
import re
import shutil
import tempfile
from collections.abc import Iterator
from html import escape
from pathlib import Path

from triage.adapters.renderer_jinja import JinjaRenderer
from triage.adapters.renderer_jinja.sample_site import Sample
from triage.adapters.renderer_jinja.samples import samples
from triage.core.model import Language
from triage.ports import Rendered

GROUPS = {
    "acknowledgement": ("acknowledgement",),
    "client": (
        "escalated",
        "planned_date",
        "deadline_moved",
        "solution",
        "still_open",
        "question",
        "answer",
        "survey",
        "suggestion_thanks",
    ),
    "reminder": ("reminder", "reminders"),
    "agent": (
        "client_wrote",
        "files",
        "monitored",
        "client_unreachable",
        "second_answer",
        "answer_uncertain",
        "escalation",
        "forged_warning",
        "transcript",
    ),
    "site": ("digest", "report", "alarm", "canary"),
}
WIDTHS = {"phone": (390, 4), "desktop": (900, 2)}
SCHEMES = {"light": "1", "dark": "0"}
STYLE = """body{margin:16px;font:14px/1.4 system-ui,sans-serif;background:%(paper)s;color:%(ink)s}
.sheet{columns:%(columns)d;column-width:%(width)dpx;column-gap:16px;width:%(all)dpx}
figure{margin:0 0 16px;break-inside:avoid;display:inline-block;width:%(width)dpx}
figcaption{padding:4px 0;font-weight:600}iframe{width:%(width)dpx;border:0;display:block}"""
SIZE = "this.style.height=this.contentDocument.documentElement.scrollHeight+'px'"
# What a window needs to show the whole page: Chromium counts its own frame into a window's height, headless too.
MEASURE = (
    "<script>onload=()=>{document.documentElement.dataset.window="
    "document.documentElement.scrollHeight+outerHeight-innerHeight}</script>"
)
MEASURED = re.compile(rb'data-window="(\d+)"')


def rendered(renderer: JinjaRenderer, language: Language) -> Iterator[tuple[Sample, Rendered]]:
    for sample in samples(language):
        mail = sample.mail
        severity = str((mail.variables.get("case") or {}).get("severity", ""))
        words = renderer.words(
            mail.template, mail.language, mail.variables, sample.now, mailbox=mail.mailbox, severity=severity
        )
        yield sample, words


def sheet(mails: list[tuple[Sample, Rendered]], width: int, columns: int, *, dark: bool) -> str:
    style = STYLE % {
        "columns": columns,
        "width": width,
        "all": columns * (width + 16),
        "paper": "#000" if dark else "#fff",
        "ink": "#ddd" if dark else "#222",
    }
    figures = "".join(
        f"<figure><figcaption>{escape(sample.mail.template)} {escape(sample.label)}<br>{escape(words.subject)}"
        f'</figcaption><iframe onload="{SIZE}" srcdoc="{escape(words.html)}"></iframe></figure>'
        for sample, words in mails
    )
    return f'<!DOCTYPE html><meta charset="utf-8"><style>{style}</style><div class="sheet">{figures}</div>{MEASURE}'


def index(mails: dict[Language, list[tuple[Sample, Rendered]]]) -> str:
    parts = ['<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Every mail</title><style>']
    parts.append(
        "body{font:15px/1.5 system-ui,sans-serif;margin:16px}article{display:flex;gap:16px;flex-wrap:wrap}"
        "pre{width:560px;white-space:pre-wrap;background:#f4f4f4;padding:12px}iframe{width:620px;border:0}</style>"
    )
    for language, found in mails.items():
        parts.append(f"<h1>{language}</h1>")
        for sample, words in found:
            parts.append(
                f"<h2>{escape(sample.mail.template)} {escape(sample.label)}</h2><p>{escape(words.subject)}</p>"
                f'<article lang="{language}"><pre>{escape(words.text)}</pre>'
                f'<iframe onload="{SIZE}" srcdoc="{escape(words.html)}"></iframe></article>'
            )
    return "".join(parts)


async def chromium(program: str, page: Path, width: int, height: int, scheme: str, *order: str) -> bytes:
    """Let Chromium show the page in a window of this size and carry out one order; return what it prints."""
    with tempfile.TemporaryDirectory() as profile:
        process = await asyncio.create_subprocess_exec(
            program, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={profile}",
            f"--blink-settings=preferredColorScheme={SCHEMES[scheme]}", "--virtual-time-budget=5000",
            f"--window-size={width},{height}", *order, page.as_uri(),
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        printed, _ = await process.communicate()
        return printed


async def measured(program: str, page: Path, width: int) -> int:
    """Return how high a window of this width must be to show the whole page: what it holds is not known before."""
    found = MEASURED.search(await chromium(program, page, width, 600, "light", "--dump-dom"))
    if found is None:
        raise SystemExit(f"Chromium could not measure {page}")
    return int(found[1])


async def pictures(
    program: str, out: Path, name: str, mails: list[tuple[Sample, Rendered]], only: str
) -> None:
    """Take the pictures of some mails: phone and desktop, light and dark (the colours change no height)."""
    for device, (width, columns) in WIDTHS.items():
        height = 0
        for scheme in SCHEMES:
            full = f"{name}-{device}-{scheme}"
            if only not in full:
                continue
            page = (out / f"{full}.html").resolve()
            page.write_text(sheet(mails, width, columns, dark=scheme == "dark"), encoding="utf-8")
            window = columns * (width + 16) + 32
            height = height or await measured(program, page, window)
            to = page.with_suffix(".png")
            await chromium(program, page, window, height, scheme, f"--screenshot={to}")
            print(to)


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("build/gallery"))
    parser.add_argument(
        "--only", default="", help="only sheets whose name holds this, such as es-reminder-phone"
    )
    parser.add_argument("--no-pictures", action="store_true")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    renderer = JinjaRenderer()
    mails = {language: list(rendered(renderer, language)) for language in Language}
    (options.out / "index.html").write_text(index(mails), encoding="utf-8")
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if options.no_pictures or program is None:
        print(f"{options.out}/index.html; no pictures" + ("" if program else ": no Chromium here"))
        return
    for language, found in mails.items():
        for group, names in GROUPS.items():
            some = [one for one in found if one[0].mail.template in names]
            await pictures(program, options.out, f"{language}-{group}", some, options.only)


if __name__ == "__main__":
    asyncio.run(main())
