"""The room in which templates run: they may print what they are given, and can neither reach further nor run away.

Knows Jinja; knows nothing of mail. Jinja's immutable sandbox keeps templates from attributes of Python and from
changing anything. What it lets through is closed here: growing texts (`'a' * 20000000`, `center`, `format`), long
`range`s, and nested loops, each turn of which is counted against one budget per rendering.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar

from jinja2 import Environment, StrictUndefined, Template, TemplateError, Undefined, nodes, pass_eval_context
from jinja2.exceptions import SecurityError
from jinja2.runtime import Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import escape

from triage.adapters.renderer_jinja import letter

FAULTS = (TemplateError, ArithmeticError, LookupError, TypeError, ValueError, RecursionError)
"""What a template can fail with."""

LOOP_TURNS = 5_000
_FILTER_NAMES = (
    "default d e escape first forceescape int join last length count list lower map rejectattr replace reverse "
    "round safe select selectattr sort string title trim truncate unique upper urlencode capitalize items"
)
_TEST_NAMES = (
    "defined undefined none string number mapping sequence iterable in eq equalto ne gt lt ge le odd even true false "
    "sameas boolean integer"
)
_METHODS = frozenset(
    {"get", "items", "keys", "values", "startswith", "endswith", "lower", "upper", "strip", "capitalize"}
)
_OF_MAPPINGS = frozenset(dir(dict))
_TICK = "_one_more_turn"


class Budget(threading.local):
    """How many turns of loops this rendering may still take; one rendering runs in one thread."""

    turns = LOOP_TURNS

    def tick(self) -> str:
        self.turns -= 1
        if self.turns < 0:
            raise SecurityError(f"more than {LOOP_TURNS} turns of loops")
        return ""


class Unknown(StrictUndefined):
    """What a template asks for and is not given: an error that names what there is, for who words the template."""

    __slots__ = ()

    @property
    def _undefined_message(self) -> str:
        if isinstance(self._undefined_obj, Mapping):
            return f"there is no {self._undefined_name!r} here, but {', '.join(sorted(self._undefined_obj))}"
        return super()._undefined_message


class Room(ImmutableSandboxedEnvironment):
    """The environment of all templates. `load` gives (source, file name) of a name, or None."""

    intercepted_binops: ClassVar[frozenset[str]] = frozenset({"*", "**", "%", "+"})  # type: ignore[misc]

    def __init__(self, loader: Any) -> None:
        super().__init__(
            loader=loader,
            autoescape=lambda name: bool(name) and str(name).endswith(".html"),
            undefined=Unknown,
            finalize=_finalize,
            auto_reload=False,
            cache_size=2_000,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self.budget = Budget()
        self.globals = {_TICK: self.budget.tick, "range": _short_range}
        self.filters = {name: made for name, made in self.filters.items() if name in _FILTER_NAMES.split()}
        self.filters |= dict.fromkeys(("e", "escape", "forceescape"), _escape)
        self.tests = {name: made for name, made in self.tests.items() if name in _TEST_NAMES.split()}

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Take what a variable holds at once, where no attribute of Python can be meant: Jinja would try that first."""
        if type(obj) is dict and attribute in obj and attribute not in _OF_MAPPINGS:
            return obj[attribute]
        return super().getattr(obj, attribute)

    def is_safe_callable(self, obj: Any) -> bool:
        name = getattr(obj, "__name__", "")
        ours = isinstance(obj, Macro) or obj in {self.budget.tick, _short_range} or name == "super"
        return ours or type(obj).__name__ in {"LoopContext", "BlockReference"} or name in _METHODS

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if not all(isinstance(side, int | float) for side in (left, right)) or operator == "**":
            raise SecurityError(f"{operator} is for numbers only")
        return super().call_binop(context, operator, left, right)

    def join_path(self, template: str, parent: str) -> str:
        """Resolve an include or extends in the context (mailbox, severity, language) of the including template."""
        return f"{parent.rsplit(':', 1)[0]}:{template}"

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        """Count every turn of every loop: Jinja has no limit of its own."""
        template = super()._parse(source, name, filename)
        for loop in template.find_all(nodes.For):
            call = nodes.Call(nodes.Name(_TICK, "load"), [], [], None, None, lineno=loop.lineno)
            loop.body.insert(0, nodes.Output([call], lineno=loop.lineno))
        template.set_environment(self)
        return template


def _short_range(*bounds: int) -> range:
    made = range(*bounds)
    if len(made) > LOOP_TURNS:
        raise SecurityError(f"a range of more than {LOOP_TURNS}")
    return made


class Ours(str):
    """Words of the site's own (from its configuration or a filter): may open blocks and hold links in the letter."""

    __slots__ = ()


def _finalize(value: Any) -> Any:
    """Fence every printed text; refuse what is no text or number, so that None or a list never reaches a reader."""
    if type(value) is not str and (isinstance(value, Ours) or hasattr(value, "__html__")):
        return value
    if isinstance(value, str):
        return letter.fence(value) if value else ""
    if isinstance(value, Undefined):
        return str(value)  # raises, with the name of what is undefined
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(_unprinted(value))
    return value


@pass_eval_context
def _escape(context: nodes.EvalContext, value: Any) -> Any:
    """Escape for HTML, and in it only: in a text what Jinja escapes counts as markup of our own, and loses its fence."""
    return escape(value) if context.autoescape else value


def _unprinted(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"holds several values, print one of them: {', '.join(sorted(map(str, value)))}"
    return (
        "is a list, print it with a loop"
        if isinstance(value, list | tuple)
        else f"{value} is no text to print"
    )


def rendered(template: Template, values: dict[str, Any], limit: int) -> str:
    """Return what a template makes of values, the room's globals among them; raises SecurityError beyond `limit` characters.

    Without Jinja's own loop around it, and without a copy of the values for each template of a mail.
    """
    try:
        return _capped(template.root_render_func(template.new_context(values, shared=True)), limit)
    except FAULTS:
        template.environment.handle_exception()  # raises it again, with the template's own lines in the traceback


def _capped(chunks: Iterator[str], limit: int) -> str:
    parts: list[str] = []
    length = 0
    for chunk in chunks:
        parts.append(chunk)
        length += len(chunk)
        if length > limit:
            raise SecurityError(f"more than {limit} characters")
    return "".join(parts)


Filters = Mapping[str, Callable[..., Any]]


def add_filters(room: Environment, filters: Filters) -> None:
    """Make our own filters known to the room."""
    room.filters.update(filters)
