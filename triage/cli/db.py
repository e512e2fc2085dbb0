"""`triage db`: the store's schema and copies of it."""

import sys
from pathlib import Path

import click

_STORE = click.option("--store", metavar="URL", help="This store instead of the configuration's.")


@click.group(epilog="Examples: triage db check; triage db backup /var/backups/triage-$(date +%F).db")
def db() -> None:
    """Migrate, check, back up and restore the store."""


@db.command(epilog="Example: triage db migrate")
@_STORE
@click.pass_context
def migrate(context: click.Context, store: str | None) -> None:
    """Create a missing schema or bring an older one forward; `run` does it too."""
    from triage.adapters.store_sql.migrate import migrate as run

    before = run(_url(context, store))
    if before.up_to_date:
        click.echo(f"schema {before.expected}: nothing to do")
    else:
        click.echo(f"schema {before.current or 'none'} -> {before.expected}")


@db.command(epilog="Example: triage db check")
@_STORE
@click.pass_context
def check(context: click.Context, store: str | None) -> None:
    """Compare the schema's version with ours and, on SQLite, check the file; exit 1 when something is found."""
    from triage.adapters.store_sql.backup import integrity
    from triage.adapters.store_sql.migrate import schema_state
    from triage.errors import SchemaTooNew

    url = _url(context, store)
    state = schema_state(url)
    if state.too_new:
        raise SchemaTooNew(
            f"the store's schema is {state.current}, newer than this triage, which knows {state.expected}"
        )
    findings = [] if state.current is None else integrity(url)
    if not state.up_to_date:
        findings.insert(
            0, f"schema {state.current or 'none'}, expected {state.expected}: run triage db migrate"
        )
    for finding in findings:
        click.echo(finding)
    if findings:
        sys.exit(1)
    click.echo(f"schema {state.current}: up to date")


@db.command(epilog="Example: triage db backup /var/backups/triage-$(date +%F).db")
@_STORE
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_context
def backup(context: click.Context, file: Path, store: str | None) -> None:
    """Write a consistent copy of the store to FILE while the daemon runs (PostgreSQL: by pg_dump)."""
    from triage.adapters.store_sql.backup import backup as run

    run(_url(context, store), file)
    click.echo(f"{file}: {file.stat().st_size} bytes")


@db.command(
    epilog="Example: triage db restore /var/backups/triage-2026-11-22.db --store sqlite:////srv/triage/triage.db"
)
@_STORE
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--replace", is_flag=True, help="Replace the store that is there; its content is lost.")
@click.pass_context
def restore(context: click.Context, file: Path, store: str | None, *, replace: bool) -> None:
    """Put the copy in FILE in the place of the store; stop the daemon first."""
    from triage.adapters.store_sql.backup import restore as run
    from triage.adapters.store_sql.migrate import migrate as forward

    url = _url(context, store)
    run(url, file, replace=replace)
    state = forward(url)
    click.echo(
        f"restored from {file}, schema {state.current}"
        + ("" if state.up_to_date else f" -> {state.expected}")
    )


def _url(context: click.Context, store: str | None) -> str:
    if store is not None:
        return store
    from triage import settings

    return settings.locate(context.find_root().obj).store_url()
