"""Rungs that clocks have climbed

Rules: numbered names (0002_what_it_does.py); must run while the old code still works (add first, remove
in a later release); no long lock on `cases`, `journal` or `events`; works on SQLite and PostgreSQL.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from cases.models import BigId, Instant

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "escalations",
        sa.Column("id", BigId, nullable=False),
        sa.Column("clock_id", BigId, nullable=False),
        sa.Column("policy", sa.String(length=24), nullable=False),
        sa.Column("number", BigId, nullable=False),
        sa.Column("act", sa.String(length=20), nullable=False),
        sa.Column("due_at", Instant(timezone=True), nullable=False),
        sa.Column("at", Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["clock_id"], ["clocks.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("clock_id", "policy", "number", name="uq_escalations_clock_policy_number"),
    )


def downgrade() -> None:
    op.drop_table("escalations")
