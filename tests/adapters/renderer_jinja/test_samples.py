import json
import re
from pathlib import Path

from bench import gallery
from triage.adapters.renderer_jinja import JinjaRenderer, samples
from triage.core.model import Language


def test_samples_are_plain_json_with_keys_of_their_own() -> None:
    for language in Language:
        found = list(samples.samples(language))
        assert all(json.loads(json.dumps(one.mail.variables)) == one.mail.variables for one in found)
        assert len({(one.mail.template, one.label) for one in found}) == len(found)


def test_a_sample_is_in_the_language_asked_for() -> None:
    assert {one.mail.language for one in samples.samples(Language.PT)} == {Language.PT}


def test_every_variable_is_documented() -> None:
    page = (Path(__file__).parents[3] / "docs" / "templates.md").read_text(encoding="utf-8")
    known = set(re.findall(r"[a-z_]+", page))
    for one in samples.samples(Language.ES):
        nested = {key for value in one.mail.variables.values() if isinstance(value, dict) for key in value}
        assert not (set(one.mail.variables) | nested) - known, one.mail.template


def test_every_mail_hangs_in_the_gallery_once() -> None:
    shown = [name for group in gallery.GROUPS.values() for name in group]
    assert sorted(shown) == sorted(JinjaRenderer().names())


def test_what_moved_is_another_moment_than_before() -> None:
    for one in samples.samples(Language.ES):
        if earlier := one.mail.variables.get("earlier"):
            assert earlier["deadline"] != one.mail.variables["case"]["deadline"], one.label
