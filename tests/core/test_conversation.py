"""Which case a message belongs to: evidence from the strongest to the weakest, and strangers kept out."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.builders import a_message, a_site
from tests.desks import a_case, a_policy
from triage.core import conversation, reading, signing
from triage.core.conversation import Link
from triage.core.model import Address, Case, State
from triage.core.records import KnownMessage

SITE = a_site()
NOW = datetime(2026, 10, 20, 13, tzinfo=UTC)
CASE = a_case(a_policy(), NOW)
CLIENT = CASE.client.address
STRANGER = "mallory@elsewhere.example"
LUCIA = SITE.agents[0].address
OURS = signing.message_id(SITE.secret, SITE.domain, "ack", CLIENT, CASE.reference)


def linked(
    writer: str = CLIENT,
    *,
    ids: tuple[str, ...] = (),
    references: tuple[str, ...] = (),
    subject: tuple[str, ...] = (),
    known: dict[str, list[KnownMessage]] | None = None,
    cases: tuple[Case, ...] = (CASE,),
    agent: bool = False,
) -> Link | None:
    named = conversation.candidates(ids, references, subject)
    return conversation.link(SITE, named, writer, known or {}, {c.reference: c for c in cases}, agent=agent)


def test_our_signed_id_proves_the_one_it_went_to() -> None:
    assert linked(ids=(OURS,)) == Link("own_id", CASE.reference, joins=True, proven=True)


def test_our_id_in_a_stranger_s_hands_opens_a_case_of_his_own() -> None:
    found = linked(STRANGER, ids=(OURS,))
    assert found is not None
    assert (found.joins, found.proven) == (False, False)


def test_a_case_whose_client_was_forgotten_is_nobody_s_but_an_agent_s() -> None:
    """He would be on a case without an address: told nothing, and what an agent answers would reach nobody."""
    figure = replace(CASE, client=Address(""), state=State.CLOSED)
    assert linked(ids=(OURS,), subject=(CASE.reference,), cases=(figure,)) is None
    assert linked(LUCIA, subject=(CASE.reference,), cases=(figure,), agent=True) is not None
    unreadable = replace(CASE, client=Address(""))
    assert linked(ids=(OURS,), cases=(unreadable,)) is not None


def test_an_id_that_only_looks_like_ours_is_no_evidence() -> None:
    forged = OURS.replace(".k", ".kaaaa", 1)[: len(OURS)]
    assert linked(ids=(forged,)) is None


def test_a_colleague_answers_the_client_s_own_mail() -> None:
    known = {"c1@x": [KnownMessage("c1@x", CASE.reference, "in")]}
    case = replace(CASE, participants=("bruno@tienda-prueba.example",))
    found = linked("bruno@tienda-prueba.example", references=("c1@x",), known=known, cases=(case,))
    assert found == Link("known_id", CASE.reference, joins=True)


def test_a_message_id_shared_by_two_cases_joins_neither() -> None:
    known = {
        "dup@x": [KnownMessage("dup@x", CASE.reference, "in"), KnownMessage("dup@x", "NO-2026-000777", "in")]
    }
    assert linked(ids=("dup@x",), known=known) is None


def test_the_reference_in_the_subject_counts_for_who_takes_part_only() -> None:
    assert linked(subject=(CASE.reference.lower(),)) == Link("subject", CASE.reference, joins=True)
    assert linked(STRANGER, subject=(CASE.reference,)) == Link("subject", CASE.reference, joins=False)
    assert linked("lucia.ferrari@netone.example", subject=(CASE.reference,), agent=True) == Link(
        "subject", CASE.reference, joins=True
    )


def test_a_merged_case_leads_to_the_one_that_goes_on_and_a_ring_ends() -> None:
    target = replace(CASE, reference="NO-2026-000900")
    merged = replace(CASE, state=State.MERGED, merged_into=target.reference)
    found = linked(subject=(CASE.reference,), cases=(merged, target))
    assert found is not None
    assert found.reference == target.reference
    ring = replace(target, state=State.MERGED, merged_into=merged.reference)
    cases = {c.reference: c for c in (merged, ring)}
    assert conversation.followed(merged, cases).reference in cases


def test_a_hostile_list_of_references_is_cut() -> None:
    named = conversation.candidates((), tuple(f"{n}@x" for n in range(10_000)), ())
    assert len(named.message_ids) == 50
    assert named.message_ids[0] == "9999@x"


def test_a_colleague_of_the_client_s_domain_takes_part_where_the_site_says_so() -> None:
    case = replace(CASE, client=replace(CASE.client, address="ana@tienda-andina.example"))
    named = conversation.candidates((), (), (case.reference,))

    def joins(writer: str, *, told: bool = True, authenticated: bool = True) -> bool:
        site = a_site(same_organisation=told)
        cases = {case.reference: case}
        found = conversation.link(site, named, writer, {}, cases, agent=False, authenticated=authenticated)
        return found is not None and found.joins

    assert joins("bruno@tienda-andina.example")
    assert not joins("bruno@tienda-andina.example", told=False)
    assert not joins("bruno@tienda-andina.example", authenticated=False)
    assert not joins("bruno@elsewhere.example")


def test_a_public_provider_makes_no_organisation() -> None:
    case = replace(CASE, client=replace(CASE.client, address="ana@gmail.com"))
    assert not conversation.takes_part(case, "mallory@gmail.com", organisation=True)


def test_a_case_that_is_not_there_is_no_evidence_and_ends_a_chain_of_merges() -> None:
    assert linked(subject=("NO-2026-000999",)) is None
    merged = replace(CASE, state=State.MERGED, merged_into="NO-2026-000999")
    assert conversation.followed(merged, {CASE.reference: merged}) is merged


def test_every_case_that_may_be_asked_for_is_wanted_proven_or_not() -> None:
    plus = signing.reply_address(SITE.secret, "soporte@netone.example", "NO-2026-000007", CLIENT)
    named = conversation.candidates((OURS,), (), ("NO-2026-000003",), [plus, "x@y.example"])
    assert set(conversation.wanted(SITE, named, {})) == {CASE.reference, "NO-2026-000003", "NO-2026-000007"}


# -- of a message ------------------------------------------------------------------------------------------------------


def placed(*, authenticated: bool = False, colleague: bool = False, **fields: Any) -> Link | None:
    proof = [("Authentication-Results", "mx.netone.example; dmarc=pass header.from=tienda-prueba.example")]
    message = a_message(subject=f"Re: [{CASE.reference}] Fotos", headers=proof * authenticated, **fields)
    read = reading.read(message, SITE)
    site = replace(SITE, same_organisation=True)
    return conversation.place(site, message, read, {}, {CASE.reference: CASE}, colleague=colleague)


def test_a_message_names_what_it_answers_whom_it_went_to_and_what_its_subject_says() -> None:
    plus = signing.reply_address(SITE.secret, "soporte@netone.example", CASE.reference, CLIENT)
    message = a_message(
        subject=f"Re: [{CASE.reference}] Fotos",
        in_reply_to=("b@x",),
        references=("a@x", "b@x"),
        to=(Address("soporte@netone.example"),),
        cc=(Address(plus),),
    )
    named = conversation.named_by(message, reading.read(message, SITE))
    assert named == conversation.Candidates(("b@x", "a@x"), (CASE.reference,), (plus,))


def test_a_message_is_placed_by_who_wrote_it_and_how_far_he_is_proven() -> None:
    assert placed() == Link("subject", CASE.reference, joins=True)
    stranger = Link("subject", CASE.reference, joins=False)
    assert placed(sender=STRANGER) == stranger
    assert placed(sender=None) == stranger
    assert placed(sender=SITE.agents[0].address) == Link("subject", CASE.reference, joins=True)
    bruno = "bruno@tienda-prueba.example"
    assert (placed(sender=bruno), placed(sender=bruno, authenticated=True)) == (stranger, placed())


def test_whoever_files_mail_among_the_sent_is_one_of_us() -> None:
    assert placed(sender="soporte@netone.example", colleague=True) == placed()


def test_a_plus_address_proves_the_one_it_was_given_to() -> None:
    plus = Address(signing.reply_address(SITE.secret, "soporte@netone.example", CASE.reference, CLIENT))
    assert placed(to=(plus,)) == Link("address", CASE.reference, joins=True, proven=True)
    assert placed(to=(plus,), sender=STRANGER) == Link("subject", CASE.reference, joins=False)


@pytest.mark.parametrize(
    ("results", "client", "proven"),
    [
        ("dmarc=pass", CLIENT, True),
        ("dmarc=pass", "ventas@tienda-prueba.example", True),
        ("dmarc=pass", STRANGER, False),
        ("dmarc=none", CLIENT, False),
    ],
)
def test_a_proven_sender_proves_nothing_of_another_whom_he_names_in_reply_to(
    results: str, client: str, proven: bool
) -> None:
    headers = [("Authentication-Results", f"mx.netone.example; {results}"), ("Reply-To", client)]
    message = a_message(sender=CLIENT, headers=headers, reply_to=(Address(client),))
    assert conversation.proven(reading.read(message, SITE), client) is proven
    nobody = a_message(sender=None, headers=headers, reply_to=(Address(client),))
    assert not conversation.proven(reading.read(nobody, SITE), client)


def test_users_of_a_public_mail_service_do_not_speak_for_each_other() -> None:
    assert conversation.speaks_for("eva@gmail.com", "eva@gmail.com")
    assert not conversation.speaks_for("eva@gmail.com", "ana@gmail.com")
