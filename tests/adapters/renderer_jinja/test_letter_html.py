import re

from triage.adapters.renderer_jinja import letter, letter_html, shipped_dir


def luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_light_colours_have_the_contrast_of_wcag_aa() -> None:
    made = letter_html
    for ink, paper in (
        (made.INK, made.PAPER),
        (made.SOFT, made.PAPER),
        (made.ACCENT, made.PAPER),
        (made.BOX_INK, made.BOX_PAPER),
        (made.QUOTE_INK, made.QUOTE_PAPER),
    ):
        assert contrast(ink, paper) >= 4.5


def test_dark_colours_have_the_contrast_of_wcag_aa() -> None:
    layout = (shipped_dir() / "layout.html").read_text(encoding="utf-8")
    dark = dict(re.findall(r"^\.t-(\w+) \{([^}]*)\}", layout, re.MULTILINE))

    def colour(name: str, of: str) -> str:
        found = re.search(rf"(?<![\w-]){of}: (#[0-9a-f]{{6}})", dark[name])
        assert found
        return found[1]

    card = colour("card", "background-color")
    for name in ("text", "soft", "link"):
        assert contrast(colour(name, "color"), card) >= 4.5
    for name in ("box", "quote"):
        assert contrast(colour(name, "color"), colour(name, "background-color")) >= 4.5


def test_what_somebody_wrote_is_escaped() -> None:
    evil = '<script>alert(1)</script> "quoted" & <a href="https://evil.example">'
    made = letter_html.html(letter.blocks(f"T\n\n> {letter.fence(evil)}\n\n- {letter.fence(evil)}"))
    assert "<script" not in made
    assert "<a " not in made


def test_a_link_cannot_leave_its_attribute() -> None:
    made = letter_html.html(letter.blocks('T\n\n=> A"b: mailto:a@b.example?x="onclick=1'))
    assert 'x="' not in made
    assert "&quot;" in made


def test_a_reference_stays_on_one_line_and_what_only_looks_like_one_is_left_alone() -> None:
    made = letter_html.html(letter.blocks("Es el caso NO-2026-000123.\n\nUN-20 y FAX-2026-000123-7 & <b>"))
    assert 'caso <span style="white-space:nowrap;">NO-2026-000123</span>.' in made
    assert "UN-20 y FAX-2026-000123-7 &amp; &lt;b&gt;" in made


def test_a_letter_is_its_blocks_whether_a_paragraph_was_met_before_or_not() -> None:
    own = "Un título\n\nLo que entendimos\n---\nPlazo:  hoy\n\n- uno\n- dos, ventas@netone.example\n"
    fenced = f"{letter.fence('Ana')}, recibimos\n\n> {letter.fence('suyo')}\n\n- uno\n- dos, ventas@netone.example\n"
    for text in (own, fenced, own, "\n"):
        assert letter_html.of_letter(text) == letter_html.html(letter.blocks(text))
