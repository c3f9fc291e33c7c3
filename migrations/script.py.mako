"""${message}

Rules: numbered names (0002_what_it_does.py); must run while the old code still works (add first, remove
in a later release); no long lock on `cases`, `journal` or `events`; works on SQLite and PostgreSQL.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
