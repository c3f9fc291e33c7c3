"""Which pages somebody of the staff finds in the navigation, by what their role may do."""

from __future__ import annotations

from flask import url_for

from cases.permissions import PERMITTED, Action
from cases.vocabulary import Role

PAGES = (
    (Action.CLAIM, "inbox.inbox", "Inbox"),
    (Action.CLAIM, "inbox.mine", "My tasks"),
    (Action.ENTER_APPLICATION, "counter.desk", "Counter"),
    (Action.HAND_OVER, "letters.to_print", "Letters"),
    (Action.READ_INCIDENTS, "operations.incidents", "Incidents"),
    (Action.MANAGE_STAFF, "people.staff_list", "Staff"),
    (Action.READ_MAILBOX, "mailbox.mailbox", "Mailbox"),
    (Action.SEE_LETTER_TEMPLATES, "letter_templates.index", "Letter templates"),
)


def pages_of(role: Role) -> list[tuple[str, str]]:
    """Return the addresses and names of the pages that a role starts from, the first one its home."""
    return [(url_for(endpoint), name) for action, endpoint, name in PAGES if action in PERMITTED[role]]


def home_of(role: Role) -> str:
    """Return the address of the page a role starts with."""
    if role is Role.CLERK:
        return url_for("counter.desk")
    return pages_of(role)[0][0]
