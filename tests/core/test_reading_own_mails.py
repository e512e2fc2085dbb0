"""Which of the project's own mails are cases: every mail in which somebody waits for something, and none of the others."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.builders import a_message, a_site
from triage.core import reading

MAILS = Path(__file__).parents[1] / "mail"
SITE = a_site()


def mails(folder: str) -> list[Any]:
    return [
        pytest.param(mail, id=f"{file.stem}-{number}")
        for file in sorted((MAILS / folder).glob("*.yaml"))
        for number, mail in enumerate(yaml.safe_load(file.read_text(encoding="utf-8")))
    ]


def is_case(mail: dict[str, Any]) -> bool:
    answers = ("earlier@netone.example",) if mail["subject"].lower().startswith(("re:", "res:")) else ()
    message = a_message(subject=mail["subject"], text=mail["text"], in_reply_to=answers)
    return reading.read(message, SITE).is_case


def test_every_mail_in_which_somebody_waits_is_a_case() -> None:
    lost = [each.id for each in mails("own") if not is_case(each.values[0])]
    assert lost == []


@pytest.mark.parametrize("mail", mails("no_cases"))
def test_a_mail_in_which_nobody_waits_is_none(mail: dict[str, Any]) -> None:
    assert not is_case(mail)
