"""How long things are kept that are not a case."""

from __future__ import annotations

from datetime import timedelta

DRAFTS_KEPT = timedelta(days=30)
"""An application that was begun and not sent, counted from the last page that was saved."""
