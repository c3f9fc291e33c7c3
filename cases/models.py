"""The rows of the case file.

The classes declare tables; reading and writing is done with SQLAlchemy Core statements on a
`Connection` (see `cases/db.py`), because the hot path writes many cases in one statement.
Every instant is aware UTC. Every table that carries a case's steps is unique on
(case, generation, key), which is what makes "never twice" a rule of the database.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, ClassVar, cast

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime: `timestamptz` in PostgreSQL, naive UTC text in SQLite.

    Raises ValueError when given a naive datetime, so that no local time gets in.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant must be aware: got a naive datetime")
        if dialect.name == "sqlite":
            return value.astimezone(UTC).replace(tzinfo=None)
        return value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


BigId = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    """What all tables have in common: which column a Python type is stored in."""

    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: Instant,
        date: Date,
        dict[str, Any]: JSON,
        list[Any]: JSON,
        int: BigId,
    }


def table_of(model: type[Base]) -> Table:
    """Return the Core table of a model, for statements on many rows (SQLAlchemy types it more loosely)."""
    return cast("Table", model.__table__)


class Installation(Base):
    """One row: what this database is for. Demo accounts can't exist in a live one."""

    __tablename__ = "installation"
    id: Mapped[int] = mapped_column(primary_key=True)
    mode: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[datetime]


class Case(Base):
    """One application for one service."""

    __tablename__ = "cases"
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(24), unique=True)
    service: Mapped[str] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(String(12))
    outcome: Mapped[str | None] = mapped_column(String(64))
    generation: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)  # raised by every transaction that touches the case
    ready: Mapped[bool] = mapped_column(Boolean)  # something new to act on
    halted: Mapped[bool] = mapped_column(Boolean, default=False)  # has an open incident: not claimable
    code: Mapped[str | None] = mapped_column(String(24))  # digest of the code it was last replayed on
    answers: Mapped[dict[str, Any]]
    form_version: Mapped[int]
    language: Mapped[str] = mapped_column(String(8))
    channel: Mapped[str] = mapped_column(String(16))
    office: Mapped[str] = mapped_column(String(32))
    external_id: Mapped[str | None] = mapped_column(String(200))
    client_key: Mapped[str | None] = mapped_column(String(64), unique=True)
    pin_digest: Mapped[str | None] = mapped_column(String(64))
    salt: Mapped[str] = mapped_column(String(32))  # of the digests in the audit trail
    received_at: Mapped[datetime]  # when the government received it; an import keeps the sender's
    created_at: Mapped[datetime]  # when this row was written
    closed_at: Mapped[datetime | None]
    audit_count: Mapped[int] = mapped_column(default=0)
    audit_head: Mapped[str] = mapped_column(String(64), default="")
    audit_at: Mapped[datetime]  # instant of the newest event: events never go back in time

    __table_args__ = (
        UniqueConstraint("service", "external_id", name="uq_cases_service_external_id"),
        Index("ix_cases_received", "received_at"),
        Index(
            "ix_cases_closed",
            "closed_at",
            postgresql_where=text("closed_at IS NOT NULL"),
            sqlite_where=text("closed_at IS NOT NULL"),
        ),
        Index(
            "ix_cases_ready",
            "service",
            "id",
            postgresql_where=text("ready AND NOT halted"),
            sqlite_where=text("ready AND NOT halted"),
        ),
        Index(
            "ix_cases_open",
            "service",
            "id",
            postgresql_where=text("status = 'open'"),
            sqlite_where=text("status = 'open'"),
        ),
    )


class JournalEntry(Base):
    """One step of a case. A wait is an entry that is still `open`; its result is written once."""

    __tablename__ = "journal"
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    generation: Mapped[int]
    key: Mapped[str] = mapped_column(String(80))  # the step's key, visits after the first as `review#2`
    kind: Mapped[str] = mapped_column(String(12))
    status: Mapped[str] = mapped_column(String(12))
    cut_by: Mapped[int | None]  # the generation that set this entry aside; None = in force
    opened_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    result: Mapped[Any | None] = mapped_column(JSON(none_as_null=True))
    service: Mapped[str] = mapped_column(String(64))
    role: Mapped[str | None] = mapped_column(String(32))
    office: Mapped[str | None] = mapped_column(String(32))
    outcomes: Mapped[Any | None] = mapped_column(JSON(none_as_null=True))  # list of outcome keys offered
    shows: Mapped[Any | None] = mapped_column(JSON(none_as_null=True))  # what the officer or citizen is shown
    digest: Mapped[str | None] = mapped_column(String(64))  # of `shows` and the answers
    not_by: Mapped[Any | None] = mapped_column(JSON(none_as_null=True))  # usernames who may not decide it
    urgent: Mapped[str | None] = mapped_column(String(64))  # why it goes before all others: one of [phrases]
    form_version: Mapped[int | None]
    due_at: Mapped[datetime | None]  # the service standard: when it becomes late
    sla: Mapped[Any | None] = mapped_column(JSON(none_as_null=True))  # what `due_at` was made from
    expires_at: Mapped[datetime | None]  # `within`: when it becomes no_answer
    claimed_by: Mapped[str | None] = mapped_column(String(64))
    claimed_until: Mapped[datetime | None]
    done_by: Mapped[str | None] = mapped_column(String(64))

    __table_args__ = (
        UniqueConstraint("case_id", "generation", "key", name="uq_journal_case_generation_key"),
        Index(
            "ix_journal_inbox",
            "role",
            "office",
            "due_at",
            "id",
            postgresql_where=text("status = 'open' AND role IS NOT NULL"),
            sqlite_where=text("status = 'open' AND role IS NOT NULL"),
        ),
        Index(
            "ix_journal_urgent",
            "role",
            "office",
            "due_at",
            "id",
            postgresql_where=text("status = 'open' AND role IS NOT NULL AND urgent IS NOT NULL"),
            sqlite_where=text("status = 'open' AND role IS NOT NULL AND urgent IS NOT NULL"),
        ),
        Index(
            "ix_journal_finished",
            "done_at",
            postgresql_where=text("status = 'done' AND role IS NOT NULL"),
            sqlite_where=text("status = 'done' AND role IS NOT NULL"),
        ),
        Index(
            "ix_journal_expiring",
            "expires_at",
            postgresql_where=text("status = 'open' AND expires_at IS NOT NULL"),
            sqlite_where=text("status = 'open' AND expires_at IS NOT NULL"),
        ),
    )


class ClockRow(Base):
    """A clock as it stands: what runs, since when, and what follows from its ledger (`cases/clocks.py`).

    A task's clock has the key and generation of its step, and stops when the step leaves `open`; a clock of
    the whole case has the key `case` and generation 0, and stops when the case is closed. Neither needs a
    statement of its own then.
    """

    __tablename__ = "clocks"
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    generation: Mapped[int]
    key: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(20))
    service: Mapped[str] = mapped_column(String(64))
    office: Mapped[str] = mapped_column(String(32))  # whose calendar it goes by
    since: Mapped[datetime]
    minutes: Mapped[int]  # the budget it started with
    policy: Mapped[str] = mapped_column(String(24))  # the version it is on now
    calendar: Mapped[str] = mapped_column(String(24))  # the version it is dated by now
    first_policy: Mapped[str] = mapped_column(String(24))  # the versions it started with
    first_calendar: Mapped[str] = mapped_column(String(24))
    paused: Mapped[bool] = mapped_column(Boolean)
    deadline: Mapped[datetime]
    rungs: Mapped[int]  # how many rungs of its ladder it has climbed, on the policy it is on
    next_at: Mapped[datetime | None]  # when the next rung is due; None: there is none

    __table_args__ = (
        UniqueConstraint("case_id", "generation", "key", "kind", name="uq_clocks_case_generation_key_kind"),
        Index(
            "ix_clocks_next",
            "next_at",
            "id",
            postgresql_where=text("next_at IS NOT NULL"),
            sqlite_where=text("next_at IS NOT NULL"),
        ),
    )


class ClockLine(Base):
    """A line of a clock's ledger: what moved its deadline, when, by whom, why, from when to when."""

    __tablename__ = "clock_ledger"
    id: Mapped[int] = mapped_column(primary_key=True)
    clock_id: Mapped[int] = mapped_column(ForeignKey("clocks.id"), index=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(12))
    actor: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str | None] = mapped_column(Text)
    evidence: Mapped[str | None] = mapped_column(Text)
    minutes: Mapped[int | None]
    version: Mapped[str | None] = mapped_column(String(24))
    before: Mapped[datetime]
    after: Mapped[datetime]


class Escalation(Base):
    """A rung that a clock has climbed: what was done, when it was due and when it happened. Once for each
    clock, policy version and rung, which is a rule of the database."""

    __tablename__ = "escalations"
    id: Mapped[int] = mapped_column(primary_key=True)
    clock_id: Mapped[int] = mapped_column(ForeignKey("clocks.id"))
    policy: Mapped[str] = mapped_column(String(24))
    number: Mapped[int]  # of the rung, from 0
    act: Mapped[str] = mapped_column(String(20))
    due_at: Mapped[datetime]
    at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("clock_id", "policy", "number", name="uq_escalations_clock_policy_number"),
    )


class MatchKey(Base):
    """A normalised value of an application by which other cases are found (a notification number)."""

    __tablename__ = "match_keys"
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    service: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(64))
    value: Mapped[str] = mapped_column(String(200))

    __table_args__ = (
        Index("ix_match_keys_value", "service", "name", "value"),
        UniqueConstraint("case_id", "name", name="uq_match_keys_case_name"),
    )


class LikenessRow(Base):
    """What an application is compared by with others (`cases/likeness.py`); dates as ordinals."""

    __tablename__ = "likeness"
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True, autoincrement=False)
    service: Mapped[str] = mapped_column(String(64))
    version: Mapped[int]  # of the code that made the row
    born: Mapped[int]
    name: Mapped[str] = mapped_column(String(200))  # as it is compared: folded, without accents and titles
    name_key: Mapped[str] = mapped_column(String(40))
    parent: Mapped[str] = mapped_column(String(200))
    parent_key: Mapped[str | None] = mapped_column(String(40))
    parent_born: Mapped[int | None]
    multiple: Mapped[bool] = mapped_column(Boolean)
    trait: Mapped[str | None] = mapped_column(String(40))

    __table_args__ = (
        Index("ix_likeness_name", "service", "name_key", "born"),
        Index("ix_likeness_parent", "service", "parent_key", "born"),
        Index("ix_likeness_parent_born", "service", "parent_born", "born"),
    )


class PartyRow(Base):
    """A person that an application names, in a role of its service (`cases/parties.py`)."""

    __tablename__ = "parties"
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    service: Mapped[str] = mapped_column(String(64))
    version: Mapped[str] = mapped_column(String(24))  # of the rules and the code that made the row
    role: Mapped[str] = mapped_column(String(64))
    place: Mapped[int]  # in its repeating group, from 1
    name: Mapped[str] = mapped_column(String(200))  # as written
    name_key: Mapped[str] = mapped_column(String(40))
    born: Mapped[int | None]  # as an ordinal
    number: Mapped[str | None] = mapped_column(String(60))  # capital letters and digits alone

    __table_args__ = (
        UniqueConstraint("case_id", "role", "place", name="uq_parties_case_role_place"),
        Index("ix_parties_name", "name_key", "service", "role"),
        Index("ix_parties_number", "number", "service", "role"),
    )


class NumberSeries(Base):
    """The last number given out of a series, e.g. `registration-number/2026/SUV`."""

    __tablename__ = "number_series"
    series: Mapped[str] = mapped_column(String(80), primary_key=True)
    last: Mapped[int]


class AllottedNumber(Base):
    """A number a case was given. Once per case and step key, whatever is rewound."""

    __tablename__ = "allotted_numbers"
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    key: Mapped[str] = mapped_column(String(80))
    series: Mapped[str] = mapped_column(String(80))
    value: Mapped[str] = mapped_column(String(40))
    allotted_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("case_id", "key", name="uq_allotted_numbers_case_key"),
        UniqueConstraint("series", "value", name="uq_allotted_numbers_series_value"),
    )


class Letter(Base):
    """A letter a procedure asked for. Its facts are frozen; its PDF is a file named by its hash."""

    __tablename__ = "letters"
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    generation: Mapped[int]
    key: Mapped[str] = mapped_column(String(80))
    template: Mapped[str] = mapped_column(String(120))  # `birth_registration/certificate`
    language: Mapped[str] = mapped_column(String(8))
    facts: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(String(12))
    code: Mapped[str] = mapped_column(String(24), unique=True)  # of the public verification page
    attempt: Mapped[int] = mapped_column(default=0)
    holder: Mapped[str | None] = mapped_column(String(80))
    held_until: Mapped[datetime | None]
    sha256: Mapped[str | None] = mapped_column(String(64))
    size: Mapped[int | None]
    pages: Mapped[int | None]
    failure: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    issued_at: Mapped[datetime | None]
    superseded_by: Mapped[int | None] = mapped_column(ForeignKey("letters.id"))
    supersedes_case: Mapped[str | None] = mapped_column(String(24))  # reference of another case whose letter
    supersedes_key: Mapped[str | None] = mapped_column(String(80))  # of this step it replaces
    delivery: Mapped[str | None] = mapped_column(String(12))  # None: nobody has printed or read it yet
    delivered_at: Mapped[datetime | None]
    delivered_by: Mapped[str | None] = mapped_column(String(64))  # who noted it
    delivered_to: Mapped[str | None] = mapped_column(String(200))  # who collected it, and the ID shown

    __table_args__ = (
        UniqueConstraint("case_id", "generation", "key", name="uq_letters_case_generation_key"),
        Index("ix_letters_created", "created_at"),
        Index(
            "ix_letters_supersedes",
            "supersedes_case",
            postgresql_where=text("supersedes_case IS NOT NULL"),
            sqlite_where=text("supersedes_case IS NOT NULL"),
        ),
        Index(
            "ix_letters_pending",
            "id",
            postgresql_where=text("status IN ('pending', 'rendering')"),
            sqlite_where=text("status IN ('pending', 'rendering')"),
        ),
        Index(
            "ix_letters_delivery",
            "delivery",
            "delivered_at",
            "id",
            postgresql_where=text("status = 'issued'"),
            sqlite_where=text("status = 'issued'"),
        ),
    )


class LetterFile(Base):
    """One variant of an issued letter, a file named by its hash. The PDF's stands with the letter too."""

    __tablename__ = "letter_files"
    letter_id: Mapped[int] = mapped_column(ForeignKey("letters.id"), primary_key=True)
    variant: Mapped[str] = mapped_column(String(8), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), index=True)  # by which the verification page finds it
    size: Mapped[int]
    pages: Mapped[int | None]  # of PDFs


class Message(Base):
    """A message a procedure asked to send; without a case, the code of a draft that isn't a case yet."""

    __tablename__ = "messages"
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)
    generation: Mapped[int]
    key: Mapped[str] = mapped_column(String(80))
    template: Mapped[str] = mapped_column(String(120))  # `birth_registration/certificate`
    language: Mapped[str] = mapped_column(String(8))
    facts: Mapped[dict[str, Any]]
    recipient: Mapped[str] = mapped_column(String(254))  # a phone number (+679...) or an e-mail address
    status: Mapped[str] = mapped_column(String(12))
    repeatable: Mapped[bool] = mapped_column(Boolean)  # may an `unknown` one be sent again?
    attempt: Mapped[int] = mapped_column(default=0)
    attempt_id: Mapped[str | None] = mapped_column(String(40))
    held_until: Mapped[datetime | None]
    failure: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("case_id", "generation", "key", name="uq_messages_case_generation_key"),
        Index(
            "ix_messages_pending",
            "id",
            postgresql_where=text("status IN ('pending', 'sending')"),
            sqlite_where=text("status IN ('pending', 'sending')"),
        ),
    )


class CaseLink(Base):
    """That a case has to do with another one, e.g. is a duplicate of it."""

    __tablename__ = "case_links"
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    generation: Mapped[int]
    key: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(16))
    other_reference: Mapped[str] = mapped_column(ForeignKey("cases.reference"), index=True)
    created_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("case_id", "generation", "key", name="uq_case_links_case_generation_key"),
    )


class Assignment(Base):
    """A place of a register that a case has taken: who takes it on, and until when."""

    __tablename__ = "assignments"
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    generation: Mapped[int]
    key: Mapped[str] = mapped_column(String(80))
    register: Mapped[str] = mapped_column(String(64))
    holder: Mapped[str] = mapped_column(String(64))
    capacity: Mapped[int]  # how many the holder could have when it was taken
    taken_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_key: Mapped[str | None] = mapped_column(String(80))  # of the step that ended it
    ended_generation: Mapped[int | None]

    __table_args__ = (
        UniqueConstraint("case_id", "generation", "key", name="uq_assignments_case_generation_key"),
        Index(
            "ix_assignments_taken",
            "register",
            "holder",
            "case_id",
            postgresql_where=text("ended_at IS NULL"),
            sqlite_where=text("ended_at IS NULL"),
        ),
    )


class ExportRow(Base):
    """One row of a list for another office (the lands commission, a bank), which gets it in a batch."""

    __tablename__ = "export_rows"
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    generation: Mapped[int]
    key: Mapped[str] = mapped_column(String(80))
    list: Mapped[str] = mapped_column(String(64))
    facts: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(String(12))
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("export_batches.id"), index=True)
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]  # when its batch was confirmed
    settled_by: Mapped[str | None] = mapped_column(String(64))
    reason: Mapped[str | None] = mapped_column(Text)  # why it was returned

    __table_args__ = (
        UniqueConstraint("case_id", "generation", "key", name="uq_export_rows_case_generation_key"),
        Index(
            "ix_export_rows_pending",
            "list",
            "id",
            postgresql_where=text("status = 'pending'"),
            sqlite_where=text("status = 'pending'"),
        ),
    )


class ExportBatch(Base):
    """Rows of a list that were handed over together. Each row is in one batch at most."""

    __tablename__ = "export_batches"
    id: Mapped[int] = mapped_column(primary_key=True)
    list: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(String(64))
    count: Mapped[int]
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[str | None] = mapped_column(String(64))


class MailboxItem(Base):
    """What the local mailbox (the development default gateway) received, one row a delivery."""

    __tablename__ = "mailbox"
    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int]
    attempt_id: Mapped[str] = mapped_column(String(40))
    recipient: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    delivered_at: Mapped[datetime]


class Note(Base):
    """Words kept on a case that no step asked for, such as an answer that came too late."""

    __tablename__ = "notes"
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(64))
    about: Mapped[str | None] = mapped_column(String(80))  # the step it was meant for
    body: Mapped[str] = mapped_column(Text)


class Event(Base):
    """One audit event of a case. `hash` = sha256(predecessor's hash + body)."""

    __tablename__ = "events"
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    seq: Mapped[int]
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(32))
    body: Mapped[str] = mapped_column(Text)  # canonical JSON, the very bytes that were hashed
    hash: Mapped[str] = mapped_column(String(64))

    __table_args__ = (UniqueConstraint("case_id", "seq", name="uq_events_case_seq"),)


class AccessLogEntry(Base):
    """Who read personal data or signed in: one row a page, apart from the cases' own trail."""

    __tablename__ = "access_log"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(32))
    case_id: Mapped[int | None] = mapped_column(index=True)
    detail: Mapped[str | None] = mapped_column(String(200))


class Staff(Base):
    """A member of staff who can sign in."""

    __tablename__ = "staff"
    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(32))
    office: Mapped[str | None] = mapped_column(String(32))  # None: all offices
    password_hash: Mapped[str] = mapped_column(String(200))
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    demo: Mapped[bool] = mapped_column(Boolean, default=False)
    session_epoch: Mapped[int] = mapped_column(default=0)  # raised to sign out everywhere
    created_at: Mapped[datetime]


class Attempt(Base):
    """Wrong PINs and passwords, counted under a digest of what was tried."""

    __tablename__ = "attempts"
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int]
    last_at: Mapped[datetime]
    blocked_until: Mapped[datetime | None]


class Draft(Base):
    """A web application that has not been sent yet."""

    __tablename__ = "drafts"
    token: Mapped[str] = mapped_column(String(64), primary_key=True)  # sha256 of the browser's secret
    service: Mapped[str] = mapped_column(String(64))
    form_version: Mapped[int]
    answers: Mapped[dict[str, Any]]
    client_key: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime] = mapped_column(index=True)
    code_digest: Mapped[str | None] = mapped_column(String(64))  # of the code to come back with
    entered_by: Mapped[str | None] = mapped_column(String(64), index=True)  # who types it at a counter

    __table_args__ = (UniqueConstraint("code_digest", name="uq_drafts_code_digest"),)


class Document(Base):
    """A photo or PDF from a family: with a draft, then with its case; or brought to a case directly.

    The file is in the store under `sha256`. What was removed from a draft is deleted at night.
    """

    __tablename__ = "documents"
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"), index=True)
    draft: Mapped[str | None] = mapped_column(ForeignKey("drafts.token", ondelete="SET NULL"), index=True)
    field: Mapped[str] = mapped_column(String(80))  # of the form; empty for an answer or what came later
    step_id: Mapped[int | None] = mapped_column(ForeignKey("journal.id"))  # the question it answers
    kind: Mapped[str | None] = mapped_column(String(200))  # what the family says it is
    name: Mapped[str] = mapped_column(String(200))  # as sent, cleaned
    media_type: Mapped[str] = mapped_column(String(64))
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    size: Mapped[int]
    pages: Mapped[int]
    added_at: Mapped[datetime]
    added_by: Mapped[str] = mapped_column(String(64))
    sent_at: Mapped[datetime | None]  # None: the application or answer it belongs to wasn't sent yet
    removed_at: Mapped[datetime | None]


class DecisionDraft(Base):
    """What an officer has half written on a task. It outlives the claim and every conflict."""

    __tablename__ = "decision_drafts"
    step_id: Mapped[int] = mapped_column(ForeignKey("journal.id"), primary_key=True, autoincrement=False)
    actor: Mapped[str] = mapped_column(String(64), primary_key=True)
    outcome: Mapped[str] = mapped_column(String(64), primary_key=True)
    words: Mapped[dict[str, Any]]
    updated_at: Mapped[datetime]


class Incident(Base):
    """A case whose procedure (or letter) raised. Class and place only, never personal data."""

    __tablename__ = "incidents"
    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), index=True)
    service: Mapped[str] = mapped_column(String(64))
    generation: Mapped[int]
    cause: Mapped[str] = mapped_column(String(64), index=True)  # equal for equal causes: retried in bulk
    summary: Mapped[str] = mapped_column(Text)  # exception class, place, and what differed
    code: Mapped[str | None] = mapped_column(String(24))
    occurred_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str | None] = mapped_column(String(64))


class Lease(Base):
    """The right to work a queue's slot (see flows/engine/leases.py)."""

    __tablename__ = "leases"
    queue: Mapped[str] = mapped_column(String(64), primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    epoch: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(12))
    expires_at: Mapped[datetime | None]
    flow_run_id: Mapped[str | None] = mapped_column(String(40))
    holder: Mapped[str | None] = mapped_column(String(120))
    case_ids: Mapped[list[Any]] = mapped_column(default=list)  # in hand, committed before replaying
    suspects: Mapped[list[Any]] = mapped_column(default=list)  # in hand at a death: to be run alone
    deaths: Mapped[dict[str, Any]] = mapped_column(default=dict)  # case id -> deaths it was alone at


class ServiceCode(Base):
    """The code of a service that may claim its cases. A worker with another digest stands back."""

    __tablename__ = "service_code"
    service: Mapped[str] = mapped_column(String(64), primary_key=True)
    digest: Mapped[str] = mapped_column(String(24))
    activated_at: Mapped[datetime]


class SweepState(Base):
    """One row: when deadlines were last swept. After a long silence an operator has to say go on."""

    __tablename__ = "sweep_state"
    id: Mapped[int] = mapped_column(primary_key=True)
    last_at: Mapped[datetime]


class ReplayDifference(Base):
    """An open case that would go another way on the code that is now active."""

    __tablename__ = "replay_differences"
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    service: Mapped[str] = mapped_column(String(64))
    code: Mapped[str] = mapped_column(String(24))
    difference: Mapped[str] = mapped_column(Text)
    found_at: Mapped[datetime]
