import json

from triage.adapters.renderer_jinja import samples
from triage.core.model import Language


def test_samples_are_plain_json_with_keys_of_their_own() -> None:
    for language in Language:
        found = list(samples.samples(language))
        assert all(json.loads(json.dumps(one.mail.variables)) == one.mail.variables for one in found)
        assert len({(one.mail.template, one.label) for one in found}) == len(found)


def test_a_sample_is_in_the_language_asked_for() -> None:
    assert {one.mail.language for one in samples.samples(Language.PT)} == {Language.PT}
