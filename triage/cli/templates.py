"""`triage templates`: what mails there are, which files make them, and how they look."""

import asyncio
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from triage.cli import writing

if TYPE_CHECKING:
    from triage.adapters.renderer_jinja import JinjaRenderer
    from triage.adapters.renderer_jinja.sample_site import Sample

_LANGUAGES = ("es", "en", "pt")


@click.group(
    epilog="""\b
Examples:
  triage templates list
  triage templates preview acknowledgement --language pt
  triage templates preview reminder --sample breach --html /tmp/reminder.html"""
)
def templates() -> None:
    """List and preview the mails that clients, agents and admins get."""


@templates.command("list", epilog="Example: triage templates list")
@click.option("--language", type=click.Choice(_LANGUAGES), help="Only this language.")
@click.option(
    "--overrides",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder of overrides.",
)
@click.pass_context
def list_(context: click.Context, language: str | None, overrides: Path | None) -> None:
    """Print a line for every mail and language: name, language, the files that make it (tab separated)."""
    renderer = _renderer(context, overrides)
    for name in renderer.names():
        for one in (language,) if language else _LANGUAGES:
            click.echo("\t".join((name, one, " ".join(renderer.files(name, one)))))


@templates.command(
    epilog="Examples: triage templates preview acknowledgement; triage templates preview acknowledgement --language en --html page.html"
)
@click.argument("name")
@click.option("--language", type=click.Choice(_LANGUAGES), default="es", show_default=True)
@click.option(
    "--case", "reference", default="sample", show_default=True, help="A case's reference, or the sample."
)
@click.option(
    "--sample", "wanted", help="Only the variant whose name holds this (weekend, breach, severity 1)."
)
@click.option("--mailbox", help="As this mailbox's overrides word it; default: the first one.")
@click.option(
    "--overrides",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A folder of overrides.",
)
@click.option(
    "--html", type=click.Path(dir_okay=False, path_type=Path), help="Write the first one's HTML there."
)
@click.pass_context
def preview(
    context: click.Context,
    name: str,
    language: str,
    reference: str,
    wanted: str | None,
    mailbox: str | None,
    overrides: Path | None,
    html: Path | None,
) -> None:
    """Print a mail as it is sent: its subject and its text, in every variant there is a sample of.

    Exit 2 when there is no such mail or a template cannot be rendered.
    """
    renderer = _renderer(context, overrides)
    box = _mailbox(context, mailbox)
    drawn = _samples(language) if reference == "sample" else _drawn(context, reference, name)
    mails = [one for one in drawn if one.mail.template == name]
    if not mails:
        raise click.UsageError(f"no mail {name}; there are: {', '.join(renderer.names())}")
    found = [one for one in mails if (wanted or "") in one.label]
    if not found:
        labels = "; ".join(one.label or "(no name)" for one in mails)
        raise click.UsageError(f"no sample {wanted} of {name}; there are: {labels}")
    for at, sample in enumerate(found):
        _show(renderer, sample, box, None if at else html)


def _show(renderer: "JinjaRenderer", sample: "Sample", mailbox: str, html: Path | None) -> None:
    from triage.errors import Permanent

    mail = sample.mail
    severity = str((mail.variables.get("case") or {}).get("severity", ""))
    try:
        made = renderer.words(
            mail.template, mail.language, mail.variables, sample.now, mailbox=mailbox, severity=severity
        )
    except Permanent as error:
        click.echo(f"triage: {error}", err=True)
        sys.exit(2)
    label = f" ({sample.label})" if sample.label else ""
    click.echo(f"--- {mail.template}{label}\nSubject: {made.subject}\n\n{made.text}")
    if html is not None:
        writing.write(html, made.html)


def _samples(language: str) -> "list[Sample]":
    from triage.adapters.renderer_jinja.samples import samples
    from triage.core.model import Language

    return list(samples(Language(language)))


def _drawn(context: click.Context, reference: str, name: str) -> "list[Sample]":
    """Return the samples of a mail with a stored case in the place of the invented one: in the language it would get,
    and as long after its arrival as the sample is after that of the invented case.
    """
    from triage.core import draft_facts, drafts_agent
    from triage.wiring import commands, judging

    config, wanted = context.find_root().obj, reference.strip("[]").upper()
    with judging.tools(config) as tools:
        desk = tools.desk
    case = asyncio.run(commands.reading(config, lambda tx: tx.cases([wanted]))).get(wanted)
    if case is None:
        raise click.UsageError(f"no case {wanted}")
    facts = draft_facts.Facts(case, desk.site, desk.support.company, desk.support.severities)
    to_client = any(one.mail.to_client for one in _samples("es") if one.mail.template == name)
    language = case.language if to_client else desk.site.language
    known = {**draft_facts.case_facts(facts, language), "greeting": draft_facts.first_name(case.client)}
    known |= {"subject": draft_facts.clean_subject(case), "text": case.excerpt}
    known |= {"why": drafts_agent.why_of(case), "attachments": list(case.attachments), "left_out": []}
    return [_with(one, known, case.arrival) for one in _samples(language)]


def _with(sample: "Sample", known: Mapping[str, Any], arrival: datetime) -> "Sample":
    from dataclasses import replace

    given = sample.mail.variables
    invented = given.get("case") or {}
    # `why` is a word in some mails: what is of another kind is something else
    own = {key: value for key, value in known.items() if type(given.get(key)) is type(value)}
    variables = {**given, **own}
    if not invented:
        return replace(sample, mail=replace(sample.mail, variables=variables))
    after = sample.now - datetime.fromisoformat(invented["arrival"])
    reference = variables["case"]["reference"]
    if actions := given.get("actions"):
        links = [{**one, "url": one["url"].replace(invented["reference"], reference)} for one in actions]
        variables = {**variables, "actions": links}
    mail = replace(sample.mail, variables=variables)
    return replace(sample, mail=mail, now=arrival + after)


def _mailbox(context: click.Context, named: str | None) -> str:
    """Return the mailbox meant; without a configuration there are none that it could not be."""
    from triage import settings

    config = settings.find(context.find_root().obj)
    if config is None:
        return named or "soporte"
    names = [box.name for box in settings.load(config).mailboxes]
    if named is not None and named not in names:
        raise click.UsageError(f"no mailbox {named}; there are: {', '.join(names)}")
    return named or names[0]


def _renderer(context: click.Context, overrides: Path | None) -> "JinjaRenderer":
    """Return a renderer with the named overrides, else with those of the configuration, if there is one."""
    from triage import settings
    from triage.adapters.renderer_jinja import JinjaRenderer

    config = settings.find(context.find_root().obj)
    if overrides is None and config is not None:
        overrides = settings.load(config).templates_path
    return JinjaRenderer(overrides)
