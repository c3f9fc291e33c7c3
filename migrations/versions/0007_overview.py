"""Indices by which the overview counts what came and went

Rules: numbered names (0002_what_it_does.py); must run while the old code still works (add first, remove
in a later release); no long lock on `cases`, `journal` or `events`; works on SQLite and PostgreSQL.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

CLOSED = sa.text("closed_at IS NOT NULL")
FINISHED = sa.text("status = 'done' AND role IS NOT NULL")


def upgrade() -> None:
    # Each keeps writers waiting while it is built: about a second for a million rows.
    op.create_index("ix_cases_received", "cases", ["received_at"])
    op.create_index("ix_cases_closed", "cases", ["closed_at"], postgresql_where=CLOSED, sqlite_where=CLOSED)
    op.create_index(
        "ix_journal_finished", "journal", ["done_at"], postgresql_where=FINISHED, sqlite_where=FINISHED
    )
    op.create_index("ix_letters_created", "letters", ["created_at"])


def downgrade() -> None:
    for name, table in (
        ("ix_letters_created", "letters"),
        ("ix_journal_finished", "journal"),
        ("ix_cases_closed", "cases"),
        ("ix_cases_received", "cases"),
    ):
        op.drop_index(name, table)
