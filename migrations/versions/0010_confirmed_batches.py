"""Batches of lists for other offices are confirmed, and rows of them come back

Rules: numbered names (0002_what_it_does.py); must run while the old code still works (add first, remove
in a later release); no long lock on `cases`, `journal` or `events`; works on SQLite and PostgreSQL.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from cases.models import Instant

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("export_rows", sa.Column("settled_at", Instant(timezone=True), nullable=True))
    op.add_column("export_rows", sa.Column("settled_by", sa.String(length=64), nullable=True))
    op.add_column("export_rows", sa.Column("reason", sa.Text(), nullable=True))
    op.add_column("export_batches", sa.Column("confirmed_at", Instant(timezone=True), nullable=True))
    op.add_column("export_batches", sa.Column("confirmed_by", sa.String(length=64), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("export_batches") as batches:
        batches.drop_column("confirmed_by")
        batches.drop_column("confirmed_at")
    with op.batch_alter_table("export_rows") as rows:
        for column in ("reason", "settled_by", "settled_at"):
            rows.drop_column(column)
