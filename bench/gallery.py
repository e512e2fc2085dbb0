"""`make gallery`: every mail in every language on one page, and pictures of it as a phone and a desktop show it.

Writes build/gallery/index.html (text, HTML and subject of each mail side by side) and, where Chromium is installed,
PNG sheets: phone (390 px) and desktop (900 px), light and dark, one a language and a group of mails.
"""

import argparse
import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from html import escape
from pathlib import Path

from triage.adapters.renderer_jinja import JinjaRenderer
from triage.adapters.renderer_jinja.samples import Sample, samples
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
    "site": ("digest", "report", "alarm"),
}
WIDTHS = {"phone": (390, 4), "desktop": (900, 2)}
HEIGHTS = {"acknowledgement": 2300, "client": 2400, "reminder": 4300, "agent": 3700, "site": 3000}
SCHEMES = {"light": "1", "dark": "0"}
STYLE = """body{margin:16px;font:14px/1.4 system-ui,sans-serif;background:%(paper)s;color:%(ink)s}
.sheet{columns:%(columns)d;column-width:%(width)dpx;column-gap:16px;width:%(all)dpx}
figure{margin:0 0 16px;break-inside:avoid;display:inline-block;width:%(width)dpx}
figcaption{padding:4px 0;font-weight:600}iframe{width:%(width)dpx;border:0;display:block}"""
SIZE = "this.style.height=this.contentDocument.documentElement.scrollHeight+'px'"


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
    return f'<!DOCTYPE html><meta charset="utf-8"><style>{style}</style><div class="sheet">{figures}</div>'


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


async def picture(chromium: str, page: Path, to: Path, size: str, scheme: str) -> None:
    """Let Chromium take one picture of the page."""
    with tempfile.TemporaryDirectory() as profile:
        process = await asyncio.create_subprocess_exec(
            chromium, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={profile}",
            f"--blink-settings=preferredColorScheme={SCHEMES[scheme]}", "--virtual-time-budget=5000",
            f"--window-size={size}", f"--screenshot={to}", page.as_uri(),
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        await process.wait()


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
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if options.no_pictures or chromium is None:
        print(f"{options.out}/index.html; no pictures" + ("" if chromium else ": no Chromium here"))
        return
    for language, found in mails.items():
        for group, names in GROUPS.items():
            some = [one for one in found if one[0].mail.template in names]
            for device, (width, columns) in WIDTHS.items():
                for scheme in SCHEMES:
                    name = f"{language}-{group}-{device}-{scheme}"
                    if options.only not in name:
                        continue
                    page = options.out / f"{name}.html"
                    page.write_text(sheet(some, width, columns, dark=scheme == "dark"), encoding="utf-8")
                    to = (options.out / f"{name}.png").resolve()
                    size = f"{columns * (width + 16) + 32},{HEIGHTS[group]}"
                    await picture(chromium, page.resolve(), to, size, scheme)
                    print(to)


if __name__ == "__main__":
    asyncio.run(main())
