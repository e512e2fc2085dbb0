"""An index over all automatic mails by their age, which no query asks for: every mail paid for it."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_NAME = "ix_outbox_created_at"
_AUTOMATIC = sa.text("person = 0")


def upgrade() -> None:
    op.drop_index(_NAME, "outbox")


def downgrade() -> None:
    op.create_index(_NAME, "outbox", ["created_at"], sqlite_where=_AUTOMATIC, postgresql_where=_AUTOMATIC)
