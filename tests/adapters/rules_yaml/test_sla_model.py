from triage.adapters.rules_yaml.reminder_model import LifecycleForm, RemindersForm
from triage.adapters.rules_yaml.sla_model import SlaForm


def test_the_shapes_have_a_json_schema_for_editors():
    for form in (SlaForm, LifecycleForm, RemindersForm):
        schema = form.model_json_schema()
        assert schema["additionalProperties"] is False
    columns = SlaForm.model_json_schema()["$defs"]["SeverityModel"]["properties"]["in_hours"]
    assert {"type": "string"} in columns["anyOf"]
