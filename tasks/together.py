"""Several waits at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cases.journal import CaseFile, Entry, Wait


def together(
    case: CaseFile, *waits: Wait, enough: Callable[[Sequence[Entry]], bool] | None = None
) -> list[Entry]:
    """Open all `waits` in one go and return their entries, in the order given, when all are finished.

    Each is a single wait step (`approval_wait`, `question_wait`); they are matched by key, so that their
    order may change. enough: given the entries finished so far, whether the others are no longer
    needed; those are cancelled and come back with status CANCELLED.
    """
    return case.wait_all(waits, enough)
