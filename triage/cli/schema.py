"""`triage schema`: JSON Schema for editors."""

import json

import click


@click.command(epilog="Example: triage schema triage > triage.schema.json")
@click.argument("which", type=click.Choice(["triage", "rules"]))
def schema(which: str) -> None:
    """Print the JSON Schema of triage.yaml or rules.yaml."""
    if which == "triage":
        from triage.settings import Settings

        document = Settings.model_json_schema()
    else:
        from triage.adapters import rules_yaml

        document = rules_yaml.json_schema()
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))
