"""Who may do what. What isn't stated here is denied."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from cases.errors import NotAllowed
from cases.vocabulary import Role
from config.roles import load_roles


class Action(StrEnum):
    """What a member of staff may be permitted to do."""

    READ_INBOX = "read-inbox"
    READ_CASE = "read-case"
    CLAIM = "claim"
    DECIDE = "decide"
    RELEASE_OF_OTHERS = "release-of-others"
    WITHDRAW = "withdraw"
    REWIND = "rewind"
    REOPEN = "reopen"
    READ_INCIDENTS = "read-incidents"
    RETRY = "retry"
    MANAGE_STAFF = "manage-staff"
    READ_MAILBOX = "read-mailbox"
    ENTER_APPLICATION = "enter-application"
    HAND_OVER = "hand-over"
    REPLACE_PIN = "replace-pin"
    SEE_LETTER_TEMPLATES = "see-letter-templates"
    SEE_OVERVIEW = "see-overview"
    PAUSE_CLOCK = "pause-clock"
    EXTEND_CLOCK = "extend-clock"
    KEEP_LISTS = "keep-lists"


_AT_A_DESK = frozenset({Action.READ_INBOX, Action.READ_CASE, Action.CLAIM, Action.DECIDE, Action.PAUSE_CLOCK})
_AT_THE_COUNTER = frozenset({Action.ENTER_APPLICATION, Action.HAND_OVER, Action.REPLACE_PIN})
_WITH_LISTS = frozenset({Action.KEEP_LISTS})
_OF_THE_PLATFORM: Mapping[str, frozenset[Action]] = {
    Role.CLERK: frozenset({*_AT_A_DESK, *_AT_THE_COUNTER}),
    # Sees what is asked of the facility, and nothing else of the family's papers.
    Role.FACILITY_OFFICER: frozenset({Action.READ_INBOX, Action.CLAIM, Action.DECIDE}),
    Role.SUPERVISOR: frozenset(
        {
            *_AT_A_DESK,
            *_AT_THE_COUNTER,
            Action.RELEASE_OF_OTHERS,
            Action.WITHDRAW,
            Action.REWIND,
            Action.REOPEN,
            Action.SEE_LETTER_TEMPLATES,
            Action.SEE_OVERVIEW,
            Action.EXTEND_CLOCK,
        }
    ),
    # Answers for how long things take: sees numbers and references, and reads nobody's papers.
    Role.MANAGER: frozenset({Action.SEE_OVERVIEW}),
    # An administrator runs the system and has no business in a family's papers.
    Role.ADMINISTRATOR: frozenset(
        {
            Action.READ_INCIDENTS,
            Action.RETRY,
            Action.MANAGE_STAFF,
            Action.READ_MAILBOX,
            Action.SEE_LETTER_TEMPLATES,
        }
    ),
}


def permitted(role: str) -> frozenset[Action]:
    """Return what a role may do: one of the platform's own, or one of a file, which works at a desk,
    perhaps at the counter too, and perhaps keeps lists for other offices. Without a file it may nothing."""
    if role in _OF_THE_PLATFORM:
        return _OF_THE_PLATFORM[role]
    known = load_roles().get(role)
    if known is None:
        return frozenset()
    more = (_AT_THE_COUNTER, known.counter), (_WITH_LISTS, bool(known.lists))
    return _AT_A_DESK.union(*(actions for actions, given in more if given))


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something.

    name: what the audit trail says, e.g. "mere", "citizen", "system". full_name: what a letter says.
    role, office: of staff; office None means every office.
    case_id: the one case that a citizen's PIN opened.
    trusted: the command line or the engine itself, which no table restricts.
    """

    name: str
    role: str | None = None
    office: str | None = None
    case_id: int | None = None
    trusted: bool = False
    full_name: str = ""

    @classmethod
    def citizen(cls, case_id: int) -> Actor:
        """The applicant (or a helper) who showed this case's reference and PIN."""
        return cls("citizen", case_id=case_id)

    @classmethod
    def operator(cls, name: str) -> Actor:
        """Whoever runs a command on the machine itself."""
        return cls(f"operator:{name}", trusted=True)


SYSTEM = Actor("system", trusted=True)


def may(actor: Actor, action: Action, *, office: str | None = None) -> bool:
    """Whether `actor` may do `action`, on a case of `office` where one is given."""
    if actor.trusted:
        return True
    if actor.role is None or action not in permitted(actor.role):
        return False
    return office is None or actor.office is None or actor.office == office


def require(actor: Actor, action: Action, *, office: str | None = None) -> None:
    """Raise NotAllowed unless `may(...)`."""
    if not may(actor, action, office=office):
        raise NotAllowed(f"{actor.name} may not {action} here")


def require_reads(actor: Actor, *, office: str, roles: Collection[str]) -> None:
    """Raise NotAllowed unless the actor may read a case of this office and of a service with these roles.

    A role that a service brought reads the cases of services in which it has something to do, and no other's:
    a registrar of births has no business in a household's income. The platform's own roles serve all.
    """
    require(actor, Action.READ_CASE, office=office)
    if not actor.trusted and actor.role not in (*_OF_THE_PLATFORM, *roles):
        raise NotAllowed(f"{actor.name} has nothing to do with this service")


def lists_of(actor: Actor) -> tuple[str, ...]:
    """Return the lists for other offices that somebody's role hands over and confirms."""
    role = load_roles().get(actor.role or "")
    return role.lists if role is not None else ()


def require_list(actor: Actor, name: str) -> None:
    """Raise NotAllowed unless the list is one of the actor's role (or the actor is trusted). Lists are of the
    whole country: the office of whoever keeps them doesn't matter."""
    if not actor.trusted and name not in lists_of(actor):
        raise NotAllowed(f"{actor.name} doesn't keep the list {name}")


def require_own_case(actor: Actor, case_id: int) -> None:
    """Raise NotAllowed unless the actor is this case's citizen (or trusted)."""
    if not actor.trusted and actor.case_id != case_id:
        raise NotAllowed(f"{actor.name} may not act for the applicant")
