from hypothesis import example, given
from hypothesis import strategies as st

from triage.adapters.renderer_jinja import letter


def kinds(text: str) -> list[str]:
    return [block.kind for block in letter.blocks(letter.tidy(text))]


def test_every_mark_opens_its_block() -> None:
    text = (
        "Title\n\n| box\n\nHeading\n-----\nwords\n- one\n- two\n\nLabel:  words\nOther:  words\n\n> quoted\n>\n> more\n\n"
        "=> Take: mailto:a@b.example\n\n--\nclosing\n"
    )
    assert kinds(text) == ["title", "box", "heading", "words", "list", "rows", "quote", "actions", "closing"]


def test_what_a_variable_holds_opens_no_block_and_is_no_link() -> None:
    for evil in (
        "=> Take: https://evil.example",
        "- item",
        "| box",
        "> quote",
        "Label:  x",
        "https://evil.example",
    ):
        _, block = letter.blocks(letter.tidy(f"T\n\n{letter.fence(evil)}"))
        assert block.kind == "words"
        assert [(run.text, run.href) for run in block.lines[0].runs] == [(" ".join(evil.split()), "")]


def test_our_own_addresses_become_links() -> None:
    (block,) = letter.blocks("call +54 11 4460-1500, write a@b.example or see https://x.example/y.")
    assert [(run.text, run.href) for run in block.lines[0].runs if run.href] == [
        ("+54 11 4460-1500", "tel:+541144601500"),
        ("a@b.example", "mailto:a@b.example"),
        ("https://x.example/y", "https://x.example/y"),
    ]


def test_an_action_takes_mailto_and_https_only() -> None:
    assert kinds("T\n\n=> Take: javascript:alert(1)") == ["title", "words"]


def test_the_closing_is_marked_as_mail_clients_know_it() -> None:
    assert letter.text_part("a\n\n--\nb\n") == "a\n\n-- \nb\n"


@given(st.text(max_size=400))
def test_a_fenced_value_never_escapes(value: str) -> None:
    fenced = letter.fence(value)
    assert "\n" not in fenced
    assert letter.plain(fenced) == " ".join(letter.plain(value).split())


@given(st.text(max_size=600))
@example(":")
def test_any_text_can_be_split_into_blocks_without_losing_words(text: str) -> None:
    tidy = letter.tidy(text.replace("-", "").replace("|", "").replace(">", ""))
    found = " ".join(
        word
        for block in letter.blocks(tidy)
        for line in block.lines
        for word in (
            *([f"{line.label}:"] if line.label else []),
            *"".join(run.text for run in line.runs).split(),
        )
    )
    assert found.split() == letter.plain(tidy).split()


def test_a_persons_letter_has_no_heading() -> None:
    assert kinds(letter.fence("Hola, Ana.") + "\n\n" + letter.fence("Chau")) == ["words", "words"]
    assert kinds(letter.fence("Ana") + ", recibimos tu mensaje.") == ["title"]
