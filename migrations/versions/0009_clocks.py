"""Clocks with a ledger

Rules: numbered names (0002_what_it_does.py); must run while the old code still works (add first, remove
in a later release); no long lock on `cases`, `journal` or `events`; works on SQLite and PostgreSQL.

Tasks that are open already, and those that the old code opens meanwhile, get their clocks from `s2f prepare`,
in batches of their own transactions.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from cases.models import BigId, Instant

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "clocks",
        sa.Column("id", BigId, nullable=False),
        sa.Column("case_id", BigId, nullable=False),
        sa.Column("generation", BigId, nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("service", sa.String(length=64), nullable=False),
        sa.Column("office", sa.String(length=32), nullable=False),
        sa.Column("since", Instant(timezone=True), nullable=False),
        sa.Column("minutes", BigId, nullable=False),
        sa.Column("policy", sa.String(length=24), nullable=False),
        sa.Column("calendar", sa.String(length=24), nullable=False),
        sa.Column("first_policy", sa.String(length=24), nullable=False),
        sa.Column("first_calendar", sa.String(length=24), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("deadline", Instant(timezone=True), nullable=False),
        sa.Column("rungs", BigId, nullable=False),
        sa.Column("next_at", Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "case_id", "generation", "key", "kind", name="uq_clocks_case_generation_key_kind"
        ),
    )
    op.create_index(
        "ix_clocks_next",
        "clocks",
        ["next_at", "id"],
        postgresql_where=sa.text("next_at IS NOT NULL"),
        sqlite_where=sa.text("next_at IS NOT NULL"),
    )
    op.create_table(
        "clock_ledger",
        sa.Column("id", BigId, nullable=False),
        sa.Column("clock_id", BigId, nullable=False),
        sa.Column("at", Instant(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=True),
        sa.Column("minutes", BigId, nullable=True),
        sa.Column("version", sa.String(length=24), nullable=True),
        sa.Column("before", Instant(timezone=True), nullable=False),
        sa.Column("after", Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["clock_id"], ["clocks.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_clock_ledger_clock_id"), "clock_ledger", ["clock_id"])


def downgrade() -> None:
    op.drop_table("clock_ledger")
    op.drop_table("clocks")
