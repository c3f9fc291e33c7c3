"""What the domain refuses to do, as one tree.

    CaseError
    ├── NotFound            no such case, step, letter or person
    ├── NotAllowed          the actor's role or office doesn't permit it
    │   └── TookPart            the actor took part in the case, and somebody else has to decide
    ├── Conflict            somebody or something came first
    │   ├── AlreadyDecided      the step has left `open`
    │   ├── HeldByAnother       another officer has claimed the task
    │   ├── SeenSomethingElse   the evidence changed since the page was shown
    │   └── CaseClosed          the case is finished or withdrawn
    ├── Refused             the request itself is wrong
    │   ├── OutcomeNotOffered   the step doesn't offer this outcome
    │   ├── ReasonMissing       an adverse outcome without a reason
    │   ├── NotGrounded         a decision that doesn't follow from the criteria it was shown
    │   ├── DetailsMissing      an outcome without its task form, or one that names no case
    │   ├── ClockRefused        a clock can't be paused, resumed or extended like this
    │   └── InvalidAnswers      the form's rules are not met
    ├── TooManyAttempts     slowed down after wrong PINs or passwords
    └── Busy                too many ask for the same at once

There are no HTTP words here: `web/errors.py` is the one map to status codes and to a citizen's words.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cases.grounds import Lacking


class CaseError(Exception):
    """Root of everything the domain refuses. `str()` is a sentence for a log, without personal data."""


class NotFound(CaseError):
    """There is no such case, step, letter or person (or none that this PIN opens)."""


class NotAllowed(CaseError):
    """The actor's role, office or relation to the case doesn't permit this."""


class TookPart(NotAllowed):
    """The actor took part in the case earlier; the procedure asks for the decision of somebody else."""


class Conflict(CaseError):
    """Somebody or something came first; nothing was changed."""


class AlreadyDecided(Conflict):
    """The step is no longer open. `by` is who closed it and `outcome` how, where known."""

    def __init__(self, message: str, *, by: str | None = None, outcome: str | None = None) -> None:
        super().__init__(message)
        self.by = by
        self.outcome = outcome


class HeldByAnother(Conflict):
    """Another officer has claimed the task. `by` is that officer's username."""

    def __init__(self, message: str, *, by: str) -> None:
        super().__init__(message)
        self.by = by


class SeenSomethingElse(Conflict):
    """The digest of what was shown differs from what the step now shows."""


class CaseClosed(Conflict):
    """The case is finished or withdrawn."""


class Refused(CaseError):
    """The request itself is wrong."""


class OutcomeNotOffered(Refused):
    """The step doesn't offer this outcome."""


class ReasonMissing(Refused):
    """An adverse outcome, or a question, came without its words."""


class NotGrounded(Refused):
    """A decision that doesn't follow from its criteria: a ground is missing, or an override wrong.

    `lacking` says what, criterion by criterion.
    """

    def __init__(self, message: str, lacking: Sequence[Lacking]) -> None:
        super().__init__(message)
        self.lacking = lacking


class DetailsMissing(Refused):
    """An outcome came without the task form it needs, or refers to a case there isn't.

    `field` is the field of the form that is meant, or None for the form as a whole.
    """

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class ClockRefused(Refused):
    """What was asked of a clock can't be: it is paused already, has stopped, or no more is allowed."""


class InvalidAnswers(Refused):
    """The form's rules are not met. `errors` are (field or None, message) pairs in English."""

    def __init__(self, message: str, errors: list[tuple[str | None, str]]) -> None:
        super().__init__(message)
        self.errors = errors


class TooManyAttempts(CaseError):
    """Too many wrong PINs or passwords. `until` is the instant (UTC) of the next permitted try."""

    def __init__(self, message: str, *, until: datetime) -> None:
        super().__init__(message)
        self.until = until


class Busy(CaseError):
    """Too many ask for something costly at once; the same may be tried again in a moment."""
