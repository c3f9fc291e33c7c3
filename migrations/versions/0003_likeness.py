"""What other cases about the same event are found by

Rules: numbered names (0002_what_it_does.py); must run while the old code still works (add first, remove
in a later release); no long lock on `cases`, `journal` or `events`; works on SQLite and PostgreSQL.

The rows of cases that are there already are made by `s2f prepare`, in batches of their own transactions:
that needs the services' configuration, takes minutes for a million cases, and has to be done anyway for
what the old code takes in meanwhile.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from cases.models import BigId

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "likeness",
        sa.Column("case_id", BigId, nullable=False, autoincrement=False),
        sa.Column("service", sa.String(length=64), nullable=False),
        sa.Column("version", BigId, nullable=False),
        sa.Column("born", BigId, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_key", sa.String(length=40), nullable=False),
        sa.Column("parent", sa.String(length=200), nullable=False),
        sa.Column("parent_key", sa.String(length=40), nullable=True),
        sa.Column("parent_born", BigId, nullable=True),
        sa.Column("multiple", sa.Boolean(), nullable=False),
        sa.Column("trait", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"]),
        sa.PrimaryKeyConstraint("case_id"),
    )
    op.create_index("ix_likeness_name", "likeness", ["service", "name_key", "born"])
    op.create_index("ix_likeness_parent", "likeness", ["service", "parent_key", "born"])
    op.create_index("ix_likeness_parent_born", "likeness", ["service", "parent_born", "born"])


def downgrade() -> None:
    op.drop_table("likeness")
