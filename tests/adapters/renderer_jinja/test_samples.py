import json
import re
from pathlib import Path

import pytest

from bench import gallery
from triage.adapters.renderer_jinja import JinjaRenderer, sample_site, samples
from triage.core import outgoing
from triage.core.drafts_site import Trouble
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


@pytest.mark.parametrize("language", Language)
def test_every_trouble_has_a_title_and_a_sentence_of_its_own(language: Language) -> None:
    renderer, said = JinjaRenderer(), {}
    for one in samples.samples(language):
        if one.mail.template == "alarm":
            mail = renderer.render(outgoing.row(sample_site.site(language), one.mail, one.now), one.now)
            said[one.label] = (mail.subject, mail.text.split("\n\n")[1])
    assert set(said) == {what.value for what in Trouble}
    for part in (0, 1):
        assert len({words[part] for words in said.values()}) == len(Trouble)
    assert not any("_" in subject or subject == "triage:" for subject, _ in said.values())


def test_every_mail_hangs_in_the_gallery_once() -> None:
    shown = [name for group in gallery.GROUPS.values() for name in group]
    assert sorted(shown) == sorted(JinjaRenderer().names())


def test_what_moved_is_another_moment_than_before() -> None:
    for one in samples.samples(Language.ES):
        if earlier := one.mail.variables.get("earlier"):
            assert earlier["deadline"] != one.mail.variables["case"]["deadline"], one.label
