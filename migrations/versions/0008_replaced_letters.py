"""Letters that take the place of another case's

Rules: numbered names (0002_what_it_does.py); must run while the old code still works (add first, remove
in a later release); no long lock on `cases`, `journal` or `events`; works on SQLite and PostgreSQL.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("letters", sa.Column("supersedes_case", sa.String(length=24), nullable=True))
    op.add_column("letters", sa.Column("supersedes_key", sa.String(length=80), nullable=True))
    op.create_index(
        "ix_letters_supersedes",
        "letters",
        ["supersedes_case"],
        postgresql_where=sa.text("supersedes_case IS NOT NULL"),
        sqlite_where=sa.text("supersedes_case IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_letters_supersedes", table_name="letters")
    with op.batch_alter_table("letters") as batch:
        batch.drop_column("supersedes_key")
        batch.drop_column("supersedes_case")
