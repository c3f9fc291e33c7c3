"""A query: another case whole, for a review of it."""

from __future__ import annotations

from cases.bundle import Bundle as Bundle  # what a procedure is given
from cases.journal import CaseFile


def find_bundle(case: CaseFile, key: str, *, service: str, reference: str | None) -> Bundle | None:
    """Return the case of `service` with this reference, as it stands when it is asked for; None if there is
    none.

    reference: as the applicant typed it. Everybody who knows a reference can type it: the procedure compares
    who asks with whose case it is. Shown to an officer (`shows={"first": bundle}`), it is drawn whole, with
    links to the case and its documents.
    """
    found: Bundle | None = case.query(key, "bundle", {"service": service, "reference": reference})
    return found
