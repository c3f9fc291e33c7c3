"""The closed vocabularies of the case file, one StrEnum each."""

from __future__ import annotations

from enum import StrEnum


class CaseStatus(StrEnum):
    """Where a case stands. What it ended with is its `outcome`, a word of the service."""

    OPEN = "open"
    CLOSED = "closed"


class StepKind(StrEnum):
    """What kind of step a journal entry belongs to."""

    RULE = "rule"
    QUERY = "query"
    APPROVAL = "approval"
    QUESTION = "question"
    FACILITY = "facility"
    REGISTER = "register"
    INSTANT = "instant"
    CONFIRMATION = "confirmation"
    NUMBER = "number"
    RECHECK = "recheck"
    LETTER = "letter"
    MESSAGE = "message"
    LINK = "link"
    EXPORT = "export"
    PAYMENT = "payment"
    ASSIGNMENT = "assignment"
    RELEASE = "release"


WAITS = frozenset(
    {
        StepKind.APPROVAL,
        StepKind.QUESTION,
        StepKind.FACILITY,
        StepKind.REGISTER,
        StepKind.INSTANT,
        StepKind.CONFIRMATION,
        StepKind.PAYMENT,
    }
)
DECIDED = frozenset({StepKind.APPROVAL, StepKind.FACILITY})
"""Waits that an officer ends by choosing one of the outcomes offered."""
EFFECTS = frozenset(
    {
        StepKind.NUMBER,
        StepKind.RECHECK,
        StepKind.ASSIGNMENT,
        StepKind.RELEASE,
        StepKind.LETTER,
        StepKind.MESSAGE,
        StepKind.LINK,
        StepKind.EXPORT,
    }
)


class StepStatus(StrEnum):
    """A journal entry is written `done` at once, or `open` and leaves that state exactly once."""

    OPEN = "open"
    DONE = "done"
    NO_ANSWER = "no_answer"
    CANCELLED = "cancelled"


class Needs(StrEnum):
    """What must come with an outcome that an officer chooses."""

    NOTHING = ""
    REASONS = "reasons"  # an adverse outcome, of a step without criteria
    QUESTION = "question"
    GROUNDS = "grounds"  # an adverse outcome: a ground for every criterion it rests on
    CRITERIA = "criteria"  # a favourable outcome: every criterion is met


class Standing(StrEnum):
    """What a criterion comes to. `not-proven`: nothing speaks against it, but nothing shows it either."""

    MET = "met"
    NOT_MET = "not-met"
    NOT_PROVEN = "not-proven"


class ClockKind(StrEnum):
    """What a clock runs for: a task, or a whole case by law or by the department's own standard."""

    TASK = "task"
    STATUTORY = "statutory"
    STANDARD = "service-standard"


class LetterStatus(StrEnum):
    """How far a letter is. `superseded`: a later one took its place after it was issued."""

    PENDING = "pending"
    RENDERING = "rendering"
    ISSUED = "issued"
    FAILED = "failed"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"


class LetterVariant(StrEnum):
    """The forms in which a letter is issued. All say the same and are made at once; none is made later."""

    PDF = "pdf"
    LARGE = "large"  # the PDF in large print
    HTML = "html"
    TEXT = "text"


class Delivery(StrEnum):
    """How far an issued letter is on its way into the family's hands; a letter without one is to print."""

    READY = "ready"
    COLLECTED = "collected"
    POSTED = "posted"
    DOWNLOADED = "downloaded"


class LinkKind(StrEnum):
    """How one case is related to another."""

    DUPLICATE_OF = "duplicate-of"
    CORRECTION_OF = "correction-of"
    REVIEW_OF = "review-of"


class ExportStatus(StrEnum):
    """Whether a row for another office has been handed over in a batch, and what came of it there."""

    PENDING = "pending"
    EXPORTED = "exported"
    CONFIRMED = "confirmed"
    RETURNED = "returned"
    CANCELLED = "cancelled"


class MessageStatus(StrEnum):
    """`unknown`: the sender died between calling the gateway and noting the answer."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    CANCELLED = "cancelled"


class LeaseState(StrEnum):
    """Whether a slot of a queue has a shift: none, one asked for, or one at work."""

    IDLE = "idle"
    REQUESTED = "requested"
    LIVE = "live"


class Role(StrEnum):
    """The roles that the platform itself knows. Services bring others as files (config/roles)."""

    CLERK = "clerk"
    FACILITY_OFFICER = "facility-officer"
    SUPERVISOR = "supervisor"
    MANAGER = "manager"
    ADMINISTRATOR = "administrator"


class Channel(StrEnum):
    """The way an application came in."""

    WEB = "web"
    COUNTER = "counter"
    CENTRE = "centre"
    OUTREACH = "outreach"


class Language(StrEnum):
    """Languages of pages, messages and letters; `hif` is Fiji Hindi in Devanagari."""

    ENGLISH = "en"
    ITAUKEI = "fj"
    HINDI = "hif"


class EventKind(StrEnum):
    """What the audit trail of a case can say happened."""

    SUBMITTED = "submitted"
    IMPORTED = "imported"
    ADVANCED = "advanced"
    CLAIMED = "claimed"
    RELEASED = "released"
    DECIDED = "decided"
    ANSWERED = "answered"
    ANSWERED_TOO_LATE = "answered-too-late"
    EXPIRED = "expired"
    CONFIRMED = "confirmed"
    HANDED_OVER = "handed-over"
    DOCUMENT_ADDED = "document-added"
    PIN_REPLACED = "pin-replaced"
    EXPORTED = "exported"
    CLOCK_PAUSED = "clock-paused"
    CLOCK_RESUMED = "clock-resumed"
    CLOCK_EXTENDED = "clock-extended"
    CLOCKS_REDATED = "clocks-redated"
    ESCALATED = "escalated"
    EXPORT_CONFIRMED = "export-confirmed"
    EXPORT_RETURNED = "export-returned"
    WITHDRAWN = "withdrawn"
    REWOUND = "rewound"
    REOPENED = "reopened"
    INCIDENT = "incident"
    RETRIED = "retried"
    LETTER_ISSUED = "letter-issued"
    LETTER_FAILED = "letter-failed"
    LETTER_SUPERSEDED = "letter-superseded"
    MESSAGE_SENT = "message-sent"
    MESSAGE_FAILED = "message-failed"
    MESSAGE_UNKNOWN = "message-unknown"
