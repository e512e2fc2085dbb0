"""`ports.Transaction` whole: one class joined from the table modules."""

from triage.adapters.store_sql.alarms import AlarmPart
from triage.adapters.store_sql.aside import AsidePart
from triage.adapters.store_sql.cases import CasePart
from triage.adapters.store_sql.figures import FigurePart
from triage.adapters.store_sql.forgetting import ForgettingPart
from triage.adapters.store_sql.ledger import LedgerPart
from triage.adapters.store_sql.messages import MessagePart
from triage.adapters.store_sql.nodes import NodePart
from triage.adapters.store_sql.outbox import OutboxPart
from triage.adapters.store_sql.people import PeoplePart
from triage.adapters.store_sql.tallies import TallyPart
from triage.adapters.store_sql.written import WrittenPart
from triage.ports import Transaction


class SqlTransaction(
    LedgerPart,
    CasePart,
    MessagePart,
    OutboxPart,
    WrittenPart,
    AlarmPart,
    AsidePart,
    TallyPart,
    FigurePart,
    PeoplePart,
    ForgettingPart,
    NodePart,
):
    """Every read and write of the store inside one database transaction."""


def _is_a_transaction(transaction: SqlTransaction) -> Transaction:
    return transaction  # for mypy: the promise is kept
