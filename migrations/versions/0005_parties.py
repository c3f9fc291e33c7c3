"""People that applications name, by which other cases with the same people are found

Rules: numbered names (0002_what_it_does.py); must run while the old code still works (add first, remove
in a later release); no long lock on `cases`, `journal` or `events`; works on SQLite and PostgreSQL.

The rows of cases that are there already are made by `s2f prepare`, as those of `likeness` are.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from cases.models import BigId

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "parties",
        sa.Column("id", BigId, nullable=False),
        sa.Column("case_id", BigId, nullable=False),
        sa.Column("service", sa.String(length=64), nullable=False),
        sa.Column("version", sa.String(length=24), nullable=False),
        sa.Column("role", sa.String(length=64), nullable=False),
        sa.Column("place", BigId, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_key", sa.String(length=40), nullable=False),
        sa.Column("born", BigId, nullable=True),
        sa.Column("number", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("case_id", "role", "place", name="uq_parties_case_role_place"),
    )
    op.create_index("ix_parties_name", "parties", ["name_key", "service", "role"])
    op.create_index("ix_parties_number", "parties", ["number", "service", "role"])


def downgrade() -> None:
    op.drop_table("parties")
