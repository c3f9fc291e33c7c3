"""Places of registers that cases have taken

Rules: numbered names (0002_what_it_does.py); must run while the old code still works (add first, remove
in a later release); no long lock on `cases`, `journal` or `events`; works on SQLite and PostgreSQL.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from cases.models import BigId, Instant

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "assignments",
        sa.Column("id", BigId, nullable=False),
        sa.Column("case_id", BigId, nullable=False),
        sa.Column("generation", BigId, nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("register", sa.String(length=64), nullable=False),
        sa.Column("holder", sa.String(length=64), nullable=False),
        sa.Column("capacity", BigId, nullable=False),
        sa.Column("taken_at", Instant(timezone=True), nullable=False),
        sa.Column("ended_at", Instant(timezone=True), nullable=True),
        sa.Column("ended_key", sa.String(length=80), nullable=True),
        sa.Column("ended_generation", BigId, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("case_id", "generation", "key", name="uq_assignments_case_generation_key"),
    )
    op.create_index(
        "ix_assignments_taken",
        "assignments",
        ["register", "holder", "case_id"],
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("assignments")
