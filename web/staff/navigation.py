"""Which pages somebody of the staff finds in the navigation, by what their role may do."""

from __future__ import annotations

from flask import url_for

from cases.permissions import Action, permitted
from cases.vocabulary import Role

PAGES = (
    (Action.CLAIM, "inbox.inbox", "Inbox"),
    (Action.CLAIM, "inbox.mine", "My tasks"),
    (Action.SEE_OVERVIEW, "overview.overview", "Overview"),
    (Action.CLAIM, "running_short.index", "Time runs short"),
    (Action.SEE_OVERVIEW, "running_short.index", "Time runs short"),
    (Action.ENTER_APPLICATION, "counter.desk", "Counter"),
    (Action.HAND_OVER, "letters.to_print", "Letters"),
    (Action.KEEP_LISTS, "lists.index", "Lists"),
    (Action.READ_INCIDENTS, "operations.incidents", "Incidents"),
    (Action.MANAGE_STAFF, "people.staff_list", "Staff"),
    (Action.READ_MAILBOX, "mailbox.mailbox", "Mailbox"),
    (Action.SEE_LETTER_TEMPLATES, "letter_templates.index", "Letter templates"),
)


def pages_of(role: str) -> list[tuple[str, str]]:
    """Return the addresses and names of the pages that a role starts from, the first one its home."""
    may = permitted(role)
    found = [(url_for(endpoint), name) for action, endpoint, name in PAGES if action in may]
    return list(dict.fromkeys(found))


def home_of(role: str) -> str:
    """Return the address of the page a role starts with; one's account for a role that may nothing."""
    if role == Role.CLERK:
        return url_for("counter.desk")
    pages = pages_of(role)
    return pages[0][0] if pages else url_for("account.show")
