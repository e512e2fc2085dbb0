"""Mails that clients wait for are claimed before others."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_NAME = "ix_outbox_first_next_at_id"
_FIRST = sa.text("state IN ('queued', 'deferred') AND kind IN ('acknowledgement', 'answer')")


def upgrade() -> None:
    op.create_index(_NAME, "outbox", ["next_at", "id"], sqlite_where=_FIRST, postgresql_where=_FIRST)


def downgrade() -> None:
    op.drop_index(_NAME, "outbox")
