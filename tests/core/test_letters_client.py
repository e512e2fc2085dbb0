"""No machine of ours carries a forger's words to his victim."""

from dataclasses import replace

import pytest

from tests.app.house import DESK
from triage.adapters.renderer_jinja import sample_site
from triage.core import letters_client
from triage.core.model import Address, Language, Severity

CASE = sample_site.case(
    Language.ES, Severity.MEDIUM, sample_site.ARRIVAL, sample_site.a_deadline(sample_site.ARRIVAL)
)


@pytest.mark.parametrize(
    ("site_says", "authenticated", "subject", "echoed"),
    [
        ("all", False, "No carga la tienda", True),
        ("all", False, "Ganaste: http://estafa.example", False),
        ("all", False, "Entrá en WWW.estafa.example", False),
        ("all", True, "Se ve mal https://mi-tienda.example", True),
        ("authenticated", False, "No carga la tienda", False),
        ("authenticated", True, "No carga la tienda", True),
    ],
)
def test_the_clients_own_words_go_back_as_far_as_proof_and_site_allow(
    site_says: str, authenticated: bool, subject: str, echoed: bool
) -> None:
    desk = replace(DESK, echo_subject=site_says)
    case = replace(
        CASE, subject=subject, authenticated=authenticated, client=Address("a@x.example", "Ana Villar")
    )
    for mail in (
        letters_client.welcome(desk, case, sample_site.ARRIVAL),
        letters_client.deadline_moved(desk, case, case.deadline, "severity"),
    ):
        words = str(mail.variables)
        assert (subject in words) is echoed
        assert ("Villar" in words) is echoed
        assert mail.to_name == ("Ana Villar" if echoed else "")
