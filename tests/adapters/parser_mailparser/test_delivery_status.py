from triage.adapters.parser_mailparser.delivery_status import reports


def test_each_recipient_has_its_report() -> None:
    body = (
        b"Reporting-MTA: dns; mx.example\r\nArrival-Date: x\r\n\r\n"
        b"Original-Recipient: rfc822;Alias@Y.example\r\nFinal-Recipient: RFC822; <X@y.example>\r\n"
        b"Action: failed (user unknown)\r\nStatus: 5.1.1 (bad)\r\nDiagnostic-Code: smtp; 550 no\r\n such user\r\n\r\n"
        b"Final-Recipient: rfc822; z@y.example\r\nAction: delayed\r\nStatus: 4.4.1\r\n"
    )
    first, second = reports(body)
    assert (first.recipient, first.original_recipient) == ("x@y.example", "alias@y.example")
    assert (first.action, first.status, first.diagnostic) == ("failed", "5.1.1", "smtp; 550 no such user")
    assert (second.recipient, second.action, second.status) == ("z@y.example", "delayed", "4.4.1")


def test_blank_lines_in_the_wrong_places_are_borne() -> None:
    body = b"Action: failed\n\nStatus: 5.0.0\nFinal-Recipient: rfc822; a@b.example\n\nFinal-Recipient: rfc822; c@d.example\n"
    assert [one.recipient for one in reports(body)] == ["a@b.example", "c@d.example"]
    together = b"Reporting-MTA: dns; m\nFinal-Recipient: rfc822; a@b.example\nAction: failed\nFinal-Recipient: rfc822; c@d.example\nAction: failed\n"
    assert [one.recipient for one in reports(together)] == ["a@b.example", "c@d.example"]


def test_addresses_of_other_types_are_found() -> None:
    (report,) = reports(b"Final-Recipient: utf-8; jos\\x{E9}@b.example\n")
    assert report.recipient == "josé@b.example"
    (report,) = reports(b"Final-Recipient: LOCAL;\\<a@b.example\\>\n")
    assert "a@b.example" in report.recipient


def test_a_body_without_recipients_reports_nothing() -> None:
    assert reports(b"") == ()
    assert reports(b"Reporting-MTA: dns; x\n\n") == ()


def test_recipients_are_capped() -> None:
    assert len(reports(b"Final-Recipient: rfc822; a@b.c\n\n" * 20_000)) == 500
