"""The limits: on what is read and kept of a mail, and on what is sent by itself."""

from typing import Literal

from pydantic import Field

from triage.settings.values import Duration, Strict


class Limits(Strict):
    """Every limit has a default; `triage init` writes them all with a word each."""

    batch: int = Field(default=50, ge=1, le=500, description="messages fetched and committed together")
    text_bytes: int = Field(default=1_000_000, ge=10_000, description="bytes of one text part that are read")
    stored_bytes: int = Field(
        default=2_000_000, ge=10_000, description="bytes of a mail's text parts that are kept"
    )
    whole_bytes: int = Field(
        default=10_000_000,
        ge=100_000,
        description="bytes of a mail fetched whole because its structure is unusable",
    )
    strikes: int = Field(
        default=3, ge=1, le=10, description="tries at a message that hurts, before it is set aside"
    )
    backlog: Duration = Field(
        default=7 * 86400.0, description="older mail found later is not answered by itself"
    )
    acknowledgement_expires: Duration = Field(
        default=2 * 86400.0, description="after this an unsent acknowledgement is not sent any more"
    )
    mail_expires: Duration = Field(default=5 * 86400.0, description="how long any other mail is tried")
    per_address_hour: int = Field(
        default=120, ge=1, description="automatic mails to one client address an hour"
    )
    per_address_day: int = Field(default=400, ge=1, description="and a day")
    per_repeat_hour: int = Field(
        default=6, ge=1, description="answers to the very same words of one address an hour; this ends loops"
    )
    per_repeat_day: int = Field(default=20, ge=1, description="and a day")
    per_case_hour: int = Field(
        default=10, ge=1, description="automatic mails to clients about one case an hour"
    )
    per_case_day: int = Field(default=30, ge=1, description="and a day")
    breaker_hour: int = Field(
        default=500, ge=1, description="repeats to the same addresses in an hour that stop automatic sending"
    )
    parse_time: Duration = Field(default=20.0, gt=0, description="for reading one message, apart")
    parse_bytes: int = Field(
        default=512 * 1024 * 1024, ge=64 * 1024 * 1024, description="of memory that a message may take for it"
    )
    reconnect: Duration = Field(default=300.0, description="the longest pause before a server is tried again")
    retry: Duration = Field(
        default=30.0, description="the first pause before a mail is tried again; it doubles each time"
    )
    lease: Duration = Field(
        default=120.0, gt=0, description="a sender that says nothing for so long is taken for dead"
    )
    takeover: Duration = Field(
        default=10.0,
        ge=2.0,
        description="several daemons, PostgreSQL: one silent for so long is dead, others take over",
    )
    unreachable_alarm: Duration = Field(
        default=600.0,
        description="a mailbox unreachable for so long is mailed to the admin, an smtp server once it is back",
    )
    attachments_to_agents: int = Field(
        default=5_000_000,
        ge=0,
        description="bytes of a client's attachments that go along with a mail to an agent; 0: only their names",
    )
    attachments_on_request: int = Field(
        default=18_000_000,
        ge=0,
        description="bytes of them in one mail when an agent asks with !files; what the relay takes, less a third",
    )
    undo: Duration = Field(
        default=2 * 3600.0,
        description="how long an agent can take a close, spam, merge, resolve or severity back",
    )
    echo_subject: Literal["all", "authenticated"] = Field(
        default="all",
        description="whose own subject our automatic mails repeat: all (no links without proof), or authenticated",
    )
