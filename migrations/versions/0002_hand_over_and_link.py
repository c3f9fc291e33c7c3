"""Handing letters over, links between cases, lists for other offices, drafts to come back to

Rules: numbered names (0002_what_it_does.py); must run while the old code still works (add first, remove
in a later release); no long lock on `cases`, `journal` or `events`; works on SQLite and PostgreSQL.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from cases.models import BigId, Instant

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("letters", sa.Column("delivery", sa.String(length=12), nullable=True))
    op.add_column("letters", sa.Column("delivered_at", Instant(timezone=True), nullable=True))
    op.add_column("letters", sa.Column("delivered_by", sa.String(length=64), nullable=True))
    op.add_column("letters", sa.Column("delivered_to", sa.String(length=200), nullable=True))
    op.create_index(
        "ix_letters_delivery",
        "letters",
        ["delivery", "delivered_at", "id"],
        postgresql_where=sa.text("status = 'issued'"),
        sqlite_where=sa.text("status = 'issued'"),
    )
    op.create_table(
        "letter_files",
        sa.Column("letter_id", BigId, nullable=False),
        sa.Column("variant", sa.String(length=8), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", BigId, nullable=False),
        sa.Column("pages", BigId, nullable=True),
        sa.ForeignKeyConstraint(["letter_id"], ["letters.id"]),
        sa.PrimaryKeyConstraint("letter_id", "variant"),
    )
    op.create_index(op.f("ix_letter_files_sha256"), "letter_files", ["sha256"])
    op.create_table(
        "case_links",
        sa.Column("id", BigId, nullable=False),
        sa.Column("case_id", BigId, nullable=False),
        sa.Column("generation", BigId, nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("other_reference", sa.String(length=24), nullable=False),
        sa.Column("created_at", Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"]),
        sa.ForeignKeyConstraint(["other_reference"], ["cases.reference"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("case_id", "generation", "key", name="uq_case_links_case_generation_key"),
    )
    op.create_index(op.f("ix_case_links_other_reference"), "case_links", ["other_reference"])
    op.create_table(
        "export_batches",
        sa.Column("id", BigId, nullable=False),
        sa.Column("list", sa.String(length=64), nullable=False),
        sa.Column("made_at", Instant(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("count", BigId, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "export_rows",
        sa.Column("id", BigId, nullable=False),
        sa.Column("case_id", BigId, nullable=False),
        sa.Column("generation", BigId, nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("list", sa.String(length=64), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("batch_id", BigId, nullable=True),
        sa.Column("created_at", Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["export_batches.id"]),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("case_id", "generation", "key", name="uq_export_rows_case_generation_key"),
    )
    op.create_index(op.f("ix_export_rows_batch_id"), "export_rows", ["batch_id"])
    op.create_index(
        "ix_export_rows_pending",
        "export_rows",
        ["list", "id"],
        postgresql_where=sa.text("status = 'pending'"),
        sqlite_where=sa.text("status = 'pending'"),
    )
    op.add_column("drafts", sa.Column("code_digest", sa.String(length=64), nullable=True))
    op.add_column("drafts", sa.Column("entered_by", sa.String(length=64), nullable=True))
    with op.batch_alter_table("drafts") as drafts:
        drafts.create_unique_constraint("uq_drafts_code_digest", ["code_digest"])
    op.create_index(op.f("ix_drafts_entered_by"), "drafts", ["entered_by"])
    with op.batch_alter_table("messages") as messages:
        messages.alter_column("case_id", existing_type=BigId, nullable=True)
    op.create_table(
        "decision_drafts",
        sa.Column("step_id", BigId, nullable=False, autoincrement=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=64), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("updated_at", Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["step_id"], ["journal.id"]),
        sa.PrimaryKeyConstraint("step_id", "actor", "outcome"),
    )


def downgrade() -> None:
    op.drop_table("decision_drafts")
    op.execute("DELETE FROM messages WHERE case_id IS NULL")
    with op.batch_alter_table("messages") as messages:
        messages.alter_column("case_id", existing_type=BigId, nullable=False)
    op.drop_index(op.f("ix_drafts_entered_by"), table_name="drafts")
    with op.batch_alter_table("drafts") as drafts:
        drafts.drop_constraint("uq_drafts_code_digest", type_="unique")
        drafts.drop_column("entered_by")
        drafts.drop_column("code_digest")
    op.drop_table("export_rows")
    op.drop_table("export_batches")
    op.drop_table("case_links")
    op.drop_table("letter_files")
    op.drop_index(
        "ix_letters_delivery",
        table_name="letters",
        postgresql_where=sa.text("status = 'issued'"),
        sqlite_where=sa.text("status = 'issued'"),
    )
    with op.batch_alter_table("letters") as letters:
        for column in ("delivered_to", "delivered_by", "delivered_at", "delivery"):
            letters.drop_column(column)
