import weakref
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.core import signing

SECRET = b"the site's secret"
DOMAIN = "netone.example"
REFERENCE = "NO-2026-000123"
CLIENT = "ana@cliente.example"
SUPPORT = "soporte@netone.example"
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

keys = st.text(min_size=1, max_size=80)
secrets = st.binary(min_size=1, max_size=64)


def an_id(key="ack:1", recipient=CLIENT, reference: str | None = REFERENCE, secret=SECRET):
    return signing.message_id(secret, DOMAIN, key, recipient, reference)


@given(keys, secrets)
def test_a_message_id_proves_that_we_wrote_it_and_to_whom(key, secret):
    identity = an_id(key, secret=secret)
    assert signing.verify_message_id(secret, DOMAIN, identity, CLIENT) == signing.OwnId(REFERENCE, True)
    assert signing.verify_message_id(secret, DOMAIN, identity) == signing.OwnId(REFERENCE)
    assert signing.verify_message_id(secret, DOMAIN, identity, "eva@x.example") == signing.OwnId(
        REFERENCE, False
    )


@given(keys)
def test_a_message_id_survives_lower_casing_brackets_and_blanks(key):
    identity = f" <{an_id(key).lower()}>"
    assert signing.looks_own(identity, DOMAIN)
    assert signing.verify_message_id(SECRET, DOMAIN, identity, CLIENT.upper()) == signing.OwnId(
        REFERENCE, True
    )


@given(keys, st.integers(min_value=0, max_value=200), st.sampled_from("abcdefgh234567.-"))
def test_a_changed_message_id_proves_nothing(key, place, letter):
    identity = an_id(key).lower()
    place %= len(identity)
    changed = identity[:place] + letter + identity[place + 1 :]
    proven = signing.verify_message_id(SECRET, DOMAIN, changed, CLIENT)
    assert changed == identity or proven is None or proven.recipient_proven is False


def test_the_same_row_always_has_the_same_message_id_and_another_row_another():
    assert an_id() == an_id()
    assert len({an_id(), an_id("ack:2"), an_id(recipient="eva@x.example"), an_id(secret=b"other")}) == 4


def test_a_message_id_has_our_form_and_tells_nothing_but_the_reference():
    identity = an_id()
    assert identity.startswith("NO-2026-000123.k")
    assert identity.endswith("@netone.example")
    assert len(identity) <= 77  # longer ids are encoded by some mail libraries, and the conversation breaks
    assert "ana" not in identity
    assert "ack" not in identity.rpartition(".k")[0]


def test_a_mail_about_no_case_has_a_message_id_too():
    identity = an_id(reference=None)
    assert signing.verify_message_id(SECRET, DOMAIN, identity, CLIENT) == signing.OwnId(None, True)


def test_another_domain_or_secret_or_form_is_not_ours():
    assert signing.verify_message_id(b"other", DOMAIN, an_id()) is None
    assert signing.verify_message_id(SECRET, "other.example", an_id()) is None
    assert not signing.looks_own(an_id(), "other.example")
    assert not signing.looks_own("CAF=x@mail.gmail.com", DOMAIN)
    assert signing.verify_message_id(SECRET, DOMAIN, "") is None


def test_a_domain_too_long_for_an_id_is_refused():
    with pytest.raises(ValueError, match="no Message-ID"):
        signing.message_id(SECRET, "a" * 180 + ".example", "k", CLIENT, REFERENCE)


@given(st.integers(min_value=1, max_value=2**53))
def test_a_return_path_names_its_row_and_no_other_is_believed(row_id):
    path = signing.return_path(SECRET, SUPPORT, row_id)
    assert signing.read_return_path(SECRET, SUPPORT, path.upper()) == row_id
    assert signing.read_return_path(b"other", SUPPORT, path) is None
    forged = path.replace(f"b.{row_id}.", f"b.{row_id + 1}.")
    assert signing.read_return_path(SECRET, SUPPORT, forged) is None


def test_a_return_path_that_would_be_too_long_is_the_bare_address():
    long = "s" * 50 + "@netone.example"
    assert signing.return_path(SECRET, long, 1) == long
    assert signing.read_return_path(SECRET, long, long) is None


def test_a_reply_address_is_believed_only_from_whom_it_was_given_to():
    address = signing.reply_address(SECRET, SUPPORT, REFERENCE, CLIENT)
    assert len(address.rpartition("@")[0]) <= 64
    assert signing.read_reply_address(SECRET, SUPPORT, address, CLIENT) == signing.ReplyToken(REFERENCE)
    assert signing.read_reply_address(SECRET, SUPPORT, address, "eva@x.example") is None
    assert signing.read_reply_address(SECRET, SUPPORT, SUPPORT, CLIENT) is None


def test_no_token_passes_for_one_of_another_purpose():
    path = signing.return_path(SECRET, SUPPORT, 7)
    assert signing.read_reply_address(SECRET, SUPPORT, path, CLIENT) is None
    swapped = path.replace("+b.", "+r.")
    assert signing.read_reply_address(SECRET, SUPPORT, swapped, CLIENT) is None
    reply = signing.reply_address(SECRET, SUPPORT, REFERENCE, CLIENT)
    assert signing.read_return_path(SECRET, SUPPORT, reply) is None


def test_an_action_token_is_bound_to_agent_case_action_and_time():
    agent, until = "lucia@netone.example", NOW + timedelta(days=2)
    token = signing.action_token(SECRET, agent, REFERENCE, "take", until, "notice:1")
    assert len(token) == 19
    assert token.isalnum()
    read = signing.read_action_token(SECRET, f" {token.upper()} ", agent, REFERENCE, "take", NOW)
    assert read is not None
    assert read.expires_at == until
    assert signing.read_action_token(SECRET, token, "otro@netone.example", REFERENCE, "take", NOW) is None
    assert signing.read_action_token(SECRET, token, agent, "NO-2026-000124", "take", NOW) is None
    assert signing.read_action_token(SECRET, token, agent, REFERENCE, "close", NOW) is None
    assert signing.read_action_token(SECRET, token, agent, REFERENCE, "take", until) is None
    assert signing.read_action_token(SECRET, "nonsense", agent, REFERENCE, "take", NOW) is None


def test_two_equal_links_in_two_mails_are_spent_apart():
    first, second = (
        signing.action_token(SECRET, "a@x.example", REFERENCE, "take", NOW + timedelta(days=1), mail)
        for mail in ("notice:1", "notice:2")
    )
    assert first != second
    nonces = {
        token.nonce
        for text in (first, second)
        if (token := signing.read_action_token(SECRET, text, "a@x.example", REFERENCE, "take", NOW))
    }
    assert len(nonces) == 2


@given(st.text(max_size=300))
def test_any_text_is_read_without_harm(text):
    signing.verify_message_id(SECRET, DOMAIN, text)
    signing.read_return_path(SECRET, SUPPORT, text)
    signing.read_action_token(SECRET, text, CLIENT, REFERENCE, "take", NOW)


def test_a_plus_address_names_a_case_to_anybody_and_proves_it_to_one() -> None:
    plus = signing.reply_address(SECRET, SUPPORT, REFERENCE, CLIENT)
    assert signing.reply_address_names(SUPPORT, plus) == REFERENCE
    assert signing.reply_address_names(SUPPORT, SUPPORT) is None
    assert signing.read_reply_address(SECRET, SUPPORT, plus, "eva@x.example") is None
    assert signing.read_reply_address(SECRET, SUPPORT, SUPPORT, CLIENT) is None


def test_a_nonce_tells_when_its_token_ends() -> None:
    token = signing.action_token(SECRET, CLIENT, REFERENCE, "take", NOW + timedelta(hours=2))
    read = signing.read_action_token(SECRET, token, CLIENT, REFERENCE, "take", NOW)
    assert read is not None
    assert signing.nonce_expires_at(read.nonce) == read.expires_at
    assert signing.nonce_expires_at("") == signing.nonce_expires_at("!!!!!") < NOW - timedelta(days=300)


# -- canaries ----------------------------------------------------------------------------------------------------


@given(st.integers(min_value=0, max_value=10**12), secrets)
def test_a_canary_proves_when_and_to_whom_it_was_sent(milliseconds, secret):
    at = NOW + timedelta(milliseconds=milliseconds)
    words = signing.canary(secret, SUPPORT, at)
    assert signing.read_canary(secret, SUPPORT, f"RE [x] {words} ") == at
    assert signing.read_canary(secret, "ventas@netone.example", words) is None
    assert signing.read_canary(secret + b"x", SUPPORT, words) is None
    assert signing.read_canary(secret, SUPPORT, words + "a") is None


@given(st.text(max_size=60))
def test_other_words_are_no_canary(text):
    assert signing.read_canary(SECRET, SUPPORT, f"canary {text}") is None


def test_an_address_is_not_remembered_once_its_pseudonym_is_made():
    """Who asked to be forgotten must not live on in a cache."""

    class Address(str):
        __slots__ = ("__weakref__",)

    address = Address("ana@tienda.example")
    remembered = weakref.ref(address)
    signing.pseudonym(b"secret", address)
    del address
    assert remembered() is None


def test_a_pseudonym_is_the_same_for_one_address_names_nobody_and_is_another_elsewhere():
    one = signing.pseudonym(b"secret", "Ana@tienda.example")
    assert one == signing.pseudonym(b"secret", "ana@tienda.example")
    assert "ana" not in one
    assert (
        len(
            {
                one,
                signing.pseudonym(b"secret", "beto@tienda.example"),
                signing.pseudonym(b"other", "ana@tienda.example"),
            }
        )
        == 3
    )
