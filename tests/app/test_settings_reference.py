"""The page of settings: one table per mapping, one row per key."""

from triage.app import settings_reference
from triage.settings import Limits, Mailbox


def test_every_mapping_has_its_table_and_every_key_its_row() -> None:
    page = settings_reference.page()
    for heading in ("## `mailboxes[]`", "## `mailboxes[].imap`", "## `areas.NAME`", "## `limits`"):
        assert heading in page
    for name in (*Mailbox.model_fields, *Limits.model_fields):
        assert f"\n| `{name}` | " in page


def test_types_bounds_and_defaults_are_said_in_an_admins_words() -> None:
    page = settings_reference.page()
    assert "| `batch` | number, at least 1, at most 500 | `50` |" in page
    assert "| `poll` | duration | `1m` |" in page
    assert "| `settle` | `keyword`, `move`, `none` | `keyword` |" in page
    assert "| `password` | secret | `null` |" in page
    assert "| `aliases` | list of text | `[]` |" in page
    assert "| `site` | mapping | required |" in page
