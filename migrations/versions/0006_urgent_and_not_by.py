"""Tasks that are urgent, and tasks that some officers may not decide

Rules: numbered names (0002_what_it_does.py); must run while the old code still works (add first, remove
in a later release); no long lock on `cases`, `journal` or `events`; works on SQLite and PostgreSQL.

The index has no row yet: making it reads the journal once and writes nothing.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

URGENT = "status = 'open' AND role IS NOT NULL AND urgent IS NOT NULL"


def upgrade() -> None:
    op.add_column("journal", sa.Column("not_by", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("journal", sa.Column("urgent", sa.String(length=64), nullable=True))
    op.create_index(
        "ix_journal_urgent",
        "journal",
        ["role", "office", "due_at", "id"],
        postgresql_where=sa.text(URGENT),
        sqlite_where=sa.text(URGENT),
    )


def downgrade() -> None:
    op.drop_index(
        "ix_journal_urgent",
        table_name="journal",
        postgresql_where=sa.text(URGENT),
        sqlite_where=sa.text(URGENT),
    )
    op.drop_column("journal", "urgent")
    op.drop_column("journal", "not_by")
