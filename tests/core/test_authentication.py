"""Authentication-Results as servers write them, in: whom we believe, out."""

import pytest

from tests.builders import a_message, a_site
from triage.core import authentication
from triage.core.model import Trust

OURS = "mx.netone.example"
DOMAIN = "tienda-prueba.example"


def trust(*values: str, sender: str = f"ana@{DOMAIN}", **fields: object) -> Trust:
    extra = fields.pop("headers", [])
    message = a_message(
        sender=sender, headers=[*[("Authentication-Results", value) for value in values], *extra], **fields
    )
    return authentication.trust(message, a_site())


@pytest.mark.parametrize(
    "value",
    [
        f"{OURS}; spf=pass smtp.mailfrom={DOMAIN}; dkim=pass header.d={DOMAIN}; dmarc=pass header.from={DOMAIN}",
        f"{OURS}; dmarc=pass (p=reject dis=none) header.from={DOMAIN}",
        f"{OURS} 1; DKIM=Pass (2048-bit key; secure) header.d={DOMAIN} header.i=@{DOMAIN}",
        f"i=1; {OURS}; dkim=pass header.i=@{DOMAIN} header.s=k1; spf=pass (x: domain of ana@{DOMAIN} designates 1.2.3.4) smtp.mailfrom=ana@{DOMAIN}",
        f'MX.NetOne.example;\tspf = pass smtp.mailfrom="ana@{DOMAIN}"',
        f"{OURS}; spf=pass smtp.mailfrom=correo.{DOMAIN}",
        f"(comment; with (nested) parts) {OURS}; dkim=pass header.d={DOMAIN}",
        rf'"{OURS}"; dkim=pass (it said \) and "so) header.d="{DOMAIN}"',
        f'{OURS}; dkim=pass reason="good; dmarc=fail" header.d={DOMAIN}',
        f"{OURS}; dmarc=pass",
    ],
)  # fmt: skip
def test_a_pass_for_the_authors_domain_authenticates(value: str) -> None:
    assert trust(value) is Trust.AUTHENTICATED


@pytest.mark.parametrize(
    "value",
    [
        f"{OURS}; spf=pass smtp.mailfrom=otra.example; dkim=pass header.d=otra.example",
        f"{OURS}; spf=none; dkim=none; dmarc=none header.from={DOMAIN}",
        f"mx.otra.example; dmarc=pass header.from={DOMAIN}",
        f"mx.netone.example.evil.example; dmarc=pass header.from={DOMAIN}",
        f"spf=pass (sender IP is 1.2.3.4) smtp.mailfrom={DOMAIN}; dmarc=pass header.from={DOMAIN}",
        f"{OURS}; none",
        "",
        ";;;===(((",
        f"{OURS}; dkim=pass header.d=example",
        f"({OURS}; dmarc=pass header.from={DOMAIN}",
        f"{OURS}; dmarc=pass header.from=otra.example",
        f"{OURS}; iprev=pass header.d={DOMAIN}",
    ],
)
def test_anything_else_is_unverified(value: str) -> None:
    assert trust(value) is Trust.UNVERIFIED


@pytest.mark.parametrize(
    "value",
    [
        f"{OURS}; spf=pass smtp.mailfrom=otra.example; dmarc=fail (p=none) header.from={DOMAIN}",
        f"{OURS}; spf=fail smtp.mailfrom={DOMAIN}; dkim=fail header.d={DOMAIN}",
    ],
)
def test_a_failure_is_told(value: str) -> None:
    assert trust(value) is Trust.FAILED


@pytest.mark.parametrize(
    "written",
    [
        f'smtp.mailfrom="a; dkim=pass header.d={DOMAIN}"@otra.example',
        rf'smtp.mailfrom="\"a; dkim=pass header.d={DOMAIN}\"@otra.example"',
        f'smtp.mailfrom="a header.d={DOMAIN}"@otra.example',
        f'smtp.mailfrom="{"a" * 284}@{DOMAIN} b"@otra.example',
        f"smtp.mailfrom=header.d={DOMAIN}@otra.example",
        rf"(of \); dkim=pass header.d={DOMAIN}; \( ) smtp.mailfrom=otra.example",
        f'smtp.mailfrom="a; dkim=pass header.d={DOMAIN}',
        f"smtp.helo=x policy.x=header.d={DOMAIN}",
    ],
)
def test_what_a_stranger_chose_is_no_result(written: str) -> None:
    """The local part of the envelope sender, the greeting: our server repeats them, quoted as RFC 8601 says."""
    assert trust(f"{OURS}; spf=pass {written}") is Trust.UNVERIFIED


@pytest.mark.parametrize("above", [3_900, 4_000])
def test_a_domain_that_was_cut_is_nobodys(above: int) -> None:
    """Seen by what hands mails on, too: of a header it hands out 4 000 characters."""
    end = f"; dkim=pass header.d={DOMAIN}"
    filler = f"{OURS}; dkim=pass header.d=otra.example header.b="
    value = filler + "x" * (above - len(filler) - len(end)) + end
    assert trust(value + ".otra.example"[: 4_000 - above]) is Trust.UNVERIFIED
    assert trust(value + ".otra.example") is Trust.UNVERIFIED


def test_what_failed_has_failed_however_many_authors_there_are() -> None:
    """Two From fields, or a comma in the name: else a forger would only have to add one."""
    failed = f"{OURS}; dmarc=fail header.from={DOMAIN}"
    for two in (
        [("From", f"ana@{DOMAIN}"), ("From", f"ana@{DOMAIN}")],
        [("From", f"Ana, ana@{DOMAIN} <ana@{DOMAIN}>")],
    ):
        assert trust(failed, headers=two) is Trust.FAILED
        assert trust(f"{OURS}; dmarc=pass", headers=two) is Trust.UNVERIFIED


def test_only_the_topmost_header_of_our_server_counts() -> None:
    assert (
        trust(f"{OURS}; dmarc=fail header.from={DOMAIN}", f"{OURS}; dmarc=pass header.from={DOMAIN}")
        is Trust.FAILED
    )
    assert trust(f"{OURS}; spf=none", f"{OURS}; dmarc=pass header.from={DOMAIN}") is Trust.UNVERIFIED


def test_foreign_headers_above_ours_are_passed_over() -> None:
    assert (
        trust("mx.otra.example; dmarc=fail", f"{OURS}; dmarc=pass header.from={DOMAIN}")
        is Trust.AUTHENTICATED
    )


def test_arc_headers_prove_nothing() -> None:
    arc = [("ARC-Authentication-Results", f"i=1; {OURS}; dmarc=pass header.from={DOMAIN}")]
    assert trust(headers=arc) is Trust.UNVERIFIED


def test_several_authors_are_never_authenticated() -> None:
    passed = f"{OURS}; dmarc=pass header.from={DOMAIN}"
    two = [("From", f"ana@{DOMAIN}, jefe@netone.example")]
    assert trust(passed, headers=two) is Trust.UNVERIFIED
    assert trust(passed, headers=[("From", f"ana@{DOMAIN}"), ("From", "x@y.example")]) is Trust.UNVERIFIED


def test_an_address_in_the_display_name_changes_nothing() -> None:
    named = [("From", f'"jefe@netone.example" <ana@{DOMAIN}>')]
    assert trust(f"{OURS}; dmarc=pass header.from={DOMAIN}", headers=named) is Trust.AUTHENTICATED


def test_nobody_is_authenticated_without_a_configured_server() -> None:
    message = a_message(headers=[("Authentication-Results", f"{OURS}; dmarc=pass header.from={DOMAIN}")])
    assert authentication.trust(message, a_site(authserv_id=None)) is Trust.UNVERIFIED


def test_a_giant_header_is_read_in_a_moment() -> None:
    assert trust(f"{OURS}; " + "spf=pass(" * 200_000) is Trust.UNVERIFIED
