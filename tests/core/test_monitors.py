"""Alerts in the forms that monitors use; people who write "down" are people."""

import pytest

from tests.builders import a_message, a_site
from triage.core import loopguard, monitors
from triage.core.model import MessageClass

ALERTS = [
    ("nagios@mon.example", "** PROBLEM Service Alert: web01/HTTP is CRITICAL **", "Notification Type: PROBLEM\nService: HTTP\nHost: web01\nState: CRITICAL"),
    ("icinga@mon.example", "[PROBLEM] HTTP on web01 is CRITICAL!", "***** Icinga *****\nNotification Type: PROBLEM\nHost: web01"),
    ("zabbix@mon.example", "Problem: High CPU on web01", "Problem started at 10:00:01\nProblem name: High CPU\nHost: web01\nSeverity: High"),
    ("alertmanager@mon.example", "[FIRING:1] InstanceDown (web01)", "Labels\n - alertname = InstanceDown\nAnnotations\n - summary = web01 down"),
    ("alert@uptimerobot.com", "Monitor is DOWN: Tienda", "Your monitor Tienda is currently DOWN. Root cause: Connection timeout. Monitor name: Tienda"),
    ("backup@tienda.example", "Backup FAILED: base de datos", "El respaldo de anoche terminó con error 2."),
    ("monitoreo@tienda.example", "[ALERTA] Disco 95 % en web01", "Este es un mensaje automático, no responda."),
    ("no-reply@status.example", "DOWN: https://tienda.example", "URL: https://tienda.example\nStatus: down\nThis is an automated message"),
]  # fmt: skip


@pytest.mark.parametrize(("sender", "subject", "text"), ALERTS)
def test_an_alert_is_recognised_by_its_form(sender: str, subject: str, text: str) -> None:
    message = a_message(sender=sender, subject=subject, text=text)
    assert loopguard.classify(message, a_site()).message_class is MessageClass.MONITOR
    assert not monitors.tells_recovery(message)


def test_a_configured_monitor_needs_no_form() -> None:
    message = a_message(sender="robot@x.example", subject="hola", text="x")
    assert (
        loopguard.classify(message, a_site(monitors=frozenset({"robot@x.example"}))).message_class
        is MessageClass.MONITOR
    )


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("DOWN: la tienda", "Hola, está caída la tienda desde las 9, ¿pueden ver?"),
        ("Backup fallido", "Hola, el respaldo de anoche no terminó. ¿Lo revisan? Gracias, Ana"),
        ("Problem: cart", "Hi, the cart does not load. Host: our shop. Can you look?"),
        ("Re: [FIRING:1] InstanceDown", "¿Esto es de ustedes?"),
        ("[ALERTA] no anda el sitio", "Por favor miren ya"),
    ],
)
def test_a_person_who_sounds_like_one_is_a_person(subject: str, text: str) -> None:
    assert (
        loopguard.classify(a_message(subject=subject, text=text), a_site()).message_class
        is MessageClass.PERSON
    )


@pytest.mark.parametrize(
    "subject",
    [
        "** RECOVERY Service Alert: web01/HTTP is OK **",
        "[RESOLVED] InstanceDown",
        "Monitor is UP: Tienda",
        "Resolved: High CPU on web01",
        "Backup completed successfully",
        "Respaldo nocturno finalizado correctamente",
        "Resolved in 5m 3s: High CPU",
    ],
)
def test_a_recovery_is_no_fault(subject: str) -> None:
    assert monitors.tells_recovery(a_message(subject=subject))


@pytest.mark.parametrize(
    "subject",
    [
        "Backup completed with errors",
        "Backup finalizado: 2 errores, falló la base",
        "** PROBLEM Host Alert: web01 is DOWN **",
    ],
)
def test_a_half_success_is_a_fault(subject: str) -> None:
    assert not monitors.tells_recovery(a_message(subject=subject))


def test_a_monitoring_programs_mailbox_suffices() -> None:
    message = a_message(sender="grafana@x.example", subject="Grafana alert", text="High latency")
    assert loopguard.classify(message, a_site()).message_class is MessageClass.MONITOR


# -- what an alert watches -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "subjects",
    [
        (
            "** PROBLEM Service Alert: web01/HTTP is CRITICAL **",
            "** RECOVERY Service Alert: web01/HTTP is OK **",
        ),
        (
            "[FIRING:1] InstanceDown (web01)",
            "[FIRING:3] InstanceDown (web01)",
            "[RESOLVED] InstanceDown (web01)",
        ),
        ("Monitor is DOWN: Tienda", "Monitor is UP: Tienda"),
        ("Problem: High CPU on web01", "Resolved in 5m 3s: High CPU on web01"),
    ],
)
def test_an_alert_its_repeats_and_its_recovery_are_of_one_thing(subjects: tuple[str, ...]) -> None:
    assert len({monitors.thing(a_message(sender="nagios@mon.example", subject=one)) for one in subjects}) == 1


def test_two_hosts_and_two_monitors_are_two_things() -> None:
    alerts = [
        ("nagios@mon.example", "DOWN: web01"),
        ("nagios@mon.example", "DOWN: web02"),
        ("icinga@mon.example", "DOWN: web01"),
    ]
    assert len({monitors.thing(a_message(sender=who, subject=what)) for who, what in alerts}) == 3


def test_where_the_subject_names_nothing_the_named_lines_of_the_text_do() -> None:
    texts = ["Host: web01\nService: HTTP\nState: DOWN 10:00", "Host: web01\nService: HTTP\nState: OK 11:30"]
    first, second = (
        monitors.thing(a_message(sender="a@mon.example", subject="PROBLEM", text=t)) for t in texts
    )
    assert first == second
    assert "web01" in first


@pytest.mark.parametrize(("sender", "subject"), [("a@mon.example", "CRITICAL 12:30"), (None, "DOWN: web01")])
def test_an_alert_that_names_nothing_or_nobody_is_of_no_thing(sender: str | None, subject: str) -> None:
    assert monitors.thing(a_message(sender=sender, subject=subject, text="")) == ""
