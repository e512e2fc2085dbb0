"""`triage schema`: JSON Schema for editors, and the page of settings."""

import json

import click


@click.command(
    epilog="\b\nExamples:\n  triage schema triage > triage.schema.json\n  triage schema rules > rules.schema.json"
)
@click.argument("which", type=click.Choice(["triage", "rules"]))
@click.option("--docs", is_flag=True, help="The reference of triage.yaml's keys, in Markdown.")
def schema(which: str, *, docs: bool) -> None:
    """Print the JSON Schema of triage.yaml or rules.yaml."""
    if docs:
        if which != "triage":
            raise click.UsageError("--docs knows triage.yaml only; rules.yaml is explained in docs/rules.md")
        from triage.app import settings_reference

        click.echo(settings_reference.page(), nl=False)
        return
    if which == "triage":
        from triage.settings import Settings

        document = Settings.model_json_schema()
    else:
        from triage.adapters import rules_yaml

        document = rules_yaml.json_schema()
    click.echo(json.dumps(document, indent=1, ensure_ascii=False))
