"""A query: an entry that another service put into a register."""

from __future__ import annotations

from collections.abc import Sequence

from cases.entries import Entry
from cases.journal import CaseFile


def find_entry(
    case: CaseFile,
    key: str,
    *,
    service: str,
    number: str | None,
    reference: str | None,
    shows: Sequence[str],
    step: str = "registration-number",
    letter: str = "certificate",
) -> Entry | None:
    """Return the entry with this number, or made by the case with this reference; None if there is none.

    shows: the names of the facts of the certificate to return. step, letter: those of the other service that
    allot the number and certify it.
    """
    asked = {"service": service, "step": step, "letter": letter, "shows": list(shows)}
    found: Entry | None = case.query(
        key, "entry-by-number", asked | {"number": number, "reference": reference}
    )
    return found
