"""An effect: this case is linked to another one."""

from __future__ import annotations

from cases.journal import CaseFile
from cases.vocabulary import LinkKind, StepKind


def link(case: CaseFile, key: str, *, to: str, kind: LinkKind) -> None:
    """Link the case to the one with reference `to`. Both pages show it.

    A reference that no case has is an incident: what an officer types is checked when it is decided
    (`Choice(refers_to=...)`).
    """
    case.effect(key, StepKind.LINK, {"reference": to, "kind": kind})
