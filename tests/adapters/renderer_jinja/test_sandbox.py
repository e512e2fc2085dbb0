from typing import Any

import pytest
from jinja2 import DictLoader, TemplateError
from jinja2.exceptions import SecurityError

from triage.adapters.renderer_jinja import letter, sandbox


def run(source: str, **values: Any) -> str:
    room = sandbox.Room(DictLoader({"::es:a.txt": source}))
    room.budget.turns = sandbox.LOOP_TURNS
    template = room.get_template("::es:a.txt")
    return letter.plain(sandbox.rendered(template, {**room.globals, **values}, 10_000))


@pytest.mark.parametrize(
    "source",
    [
        "{{ 'a' * 20000000 }}",
        "{{ 2 ** 99999999 }}",
        "{{ 'a'.center(20000000) }}",
        "{{ '%020000000d' % 1 }}",
        "{{ '{:>20000000}'.format(1) }}",
        "{% for a in range(3000) %}{% for b in range(3000) %}{% endfor %}{% endfor %}",
        "{% for a in range(100000000) %}{% endfor %}",
        "{% macro m() %}{% for a in range(4000) %}{% endfor %}{% endmacro %}{{ m() }}{{ m() }}",
        "{% for a in range(2000) %}xxxxxxxxxx{% endfor %}",
        "{{ ''.__class__.__mro__ }}",
        "{{ items.append(1) }}",
        "{{ items | pprint }}",
        "{{ nothing }}",
        "{{ cycler }}",
        "{{ none }}",
        "{{ items }}",
    ],
)
def test_what_reaches_further_or_runs_away_is_refused(source: str) -> None:
    with pytest.raises((TemplateError, SecurityError, TypeError)):
        run(source, items=[1], none=None)


def test_a_loop_of_loops_within_the_budget_runs() -> None:
    assert run("{% for a in range(40) %}{% for b in range(40) %}{% endfor %}{% endfor %}ok") == "ok"


def test_plain_use_is_allowed() -> None:
    source = "{% set d = {'a': 'A'} %}{{ d.get(x, x) }}{% for y in ys if y != 'b' %}{{ loop.index }}{{ y | upper }}{% endfor %}"
    assert run(source, x="a", ys=["a", "b", "c"]) == "A1A2C"


def test_a_name_that_mappings_have_means_their_own_and_not_what_one_holds() -> None:
    held = {"items": "held", "pop": "held", "__class__": "held", "other": "held"}
    assert run("{{ x.other }} {{ x.items() | length }}", x=held) == "held 4"
    for forbidden in ("pop", "__class__"):
        with pytest.raises(SecurityError):
            run(f"{{{{ x.{forbidden} }}}}", x=held)


def test_a_printed_value_stays_on_one_line() -> None:
    assert run("{{ x }}", x="a\n=> b: mailto:x\n\n- c") == "a => b: mailto:x - c"


@pytest.mark.parametrize("name", ["e", "escape", "forceescape"])
def test_escaping_is_for_html_and_leaves_a_text_its_fence(name: str) -> None:
    assert run(f"{{{{ x | {name} }}}}", x="a & b\n=> c: mailto:x") == "a & b => c: mailto:x"
    room = sandbox.Room(DictLoader({"::es:a.html": f"{{{{ x | {name} }}}}"}))
    assert "&lt;b&gt;" in room.get_template("::es:a.html").render(x="<b>")
