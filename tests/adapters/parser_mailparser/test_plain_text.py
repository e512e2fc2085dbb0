from triage.adapters.parser_mailparser.plain_text import flowed, without_armour, without_uuencoded

FLOWED = {"format": "flowed"}


def test_soft_breaks_are_joined_and_hard_ones_stay() -> None:
    assert flowed("uno \ndos \ntres\n\ncuatro", FLOWED) == "uno dos tres\n\ncuatro"


def test_quote_depths_are_not_joined_with_each_other() -> None:
    assert flowed(">uno \n> dos\n>> tres \ncuatro", FLOWED) == "> uno dos\n> > tres\ncuatro"


def test_a_stuffed_blank_goes_and_the_signature_line_stays() -> None:
    assert flowed(" >no cita\n-- \nAna", FLOWED) == ">no cita\n-- \nAna"


def test_delsp_takes_the_blank_away() -> None:
    assert flowed("pala \nbra", {"format": "Flowed", "delsp": "yes"}) == "palabra"


def test_other_text_passes() -> None:
    assert flowed("uno \ndos", {}) == "uno \ndos"


def test_inline_pgp_armour_is_taken_off() -> None:
    text = (
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nHola\n- -- \nAna\n"
        "-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----\n"
    )
    assert without_armour(text) == ("Hola\n-- \nAna\n", False)


def test_inline_encryption_is_named() -> None:
    assert without_armour("-----BEGIN PGP MESSAGE-----\n\nhQ==\n-----END PGP MESSAGE-----")[1]


def test_uuencoded_files_leave_the_text() -> None:
    text = "Va el archivo\nbegin 644 foto.gif\n$2&]L80``\n`\nend\nSaludos"
    assert without_uuencoded(text) == ("Va el archivo\n\nSaludos", (("foto.gif", 7),))
    assert without_uuencoded("we begin 5 days later\nbegin now") == ("we begin 5 days later\nbegin now", ())
