"""The sample site (labelled/README): what commands use that need no configuration."""

from typing import Any

from triage.settings.model import Settings

SAMPLE_SECRET = b"sample site: signs nothing that leaves this machine"

_SAMPLE: dict[str, Any] = {
    "site": {
        "name": "NetOne",
        "domain": "netone.example",
        "timezone": "America/Argentina/Buenos_Aires",
        "language": "es",
        "reference_prefix": "NO",
        "authserv_id": "mx.netone.example",
        "secret": {"env": "TRIAGE_SAMPLE_SECRET"},
    },
    "mailboxes": [
        {
            "name": "soporte",
            "address": "soporte@netone.example",
            "imap": {
                "host": "127.0.0.1",
                "port": 143,
                "tls": "none",
                "user": "soporte",
                "password": {"env": "TRIAGE_SAMPLE_SECRET"},
            },
        }
    ],
    "smtp": {"host": "127.0.0.1", "port": 25, "tls": "none"},
    "agents": [
        {
            "address": "lucia.ferrari@netone.example",
            "name": "Lucía Ferrari",
            "roles": ["lead"],
            "areas": ["soporte"],
        },
        {"address": "diego.maidana@netone.example", "name": "Diego Maidana", "areas": ["soporte"]},
        {"address": "carla.benitez@netone.example", "name": "Carla Benítez", "areas": ["soporte"]},
    ],
    "areas": {"soporte": {}, "desarrollo": {"address": "desarrollo@netone.example"}},
    "suggestions": "sugerencias@netone.example",
    "admin": "sistemas@netone.example",
}


def sample() -> Settings:
    """Return the sample site (labelled/README): what commands use that need no configuration."""
    return Settings.model_validate(_SAMPLE)
