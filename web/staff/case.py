"""A case on an officer's screen: what was applied for, what was found, what happened, and the open tasks."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, render_template, request
from werkzeug.wrappers import Response

from cases.inbox import next_task
from cases.links import Link, links_of
from cases.permissions import Action, may
from cases.reading import WholeCase
from cases.vocabulary import CaseStatus, LetterStatus, LinkKind, StepKind
from config.services import ServiceConfig
from web.access import permit
from web.downloads import send_letter
from web.platform import now, platform
from web.staff.evidence import findings
from web.staff.inbox import address_of
from web.staff.reading import read_case, title_of, words_of
from web.staff.sign_in import actor
from web.staff.tasks import tasks_of
from web.staff.timeline import timeline

blueprint = Blueprint("case", __name__, url_prefix="/staff")
TOLD = {
    "decided": "Your decision is taken.",
    "released": "The task is given back.",
    "withdrawn": "The application is withdrawn.",
    "rewound": "The application is taken back.",
    "reopened": "The application is open again.",
}
LINKED = {
    (LinkKind.DUPLICATE_OF, False): "About the same as",
    (LinkKind.DUPLICATE_OF, True): "The same was applied for again in",
    (LinkKind.CORRECTION_OF, False): "A correction of",
    (LinkKind.CORRECTION_OF, True): "Corrected by",
    (LinkKind.REVIEW_OF, False): "A review of",
    (LinkKind.REVIEW_OF, True): "Reviewed in",
}


@blueprint.get("/cases/<reference>")
@permit(Action.READ_CASE)
def show(reference: str) -> str:
    """Show a case whole."""
    whole = read_case(reference, "read-case")
    config = platform().services[whole.case.service]
    form = platform().forms[whole.case.service]
    found = findings(whole.in_force, words_of(config))
    told = request.args.get("told", "")
    return render_template(
        "staff/case.html",
        service=config,
        case=whole.case,
        office=platform().places.offices[whole.case.office],
        pages=form.summary(whole.case.answers, "en", received_at=whole.case.received_at),
        tasks=tasks_of(config, whole, now()),
        found=found,
        found_titles=[block.title for block in found],
        questions=[entry for entry in whole.in_force if entry.kind == StepKind.QUESTION],
        links=_links(whole),
        letters=[(letter, title_of(config, letter.key)) for letter in whole.letters],
        messages=[(message, title_of(config, message.key)) for message in whole.messages],
        notes=whole.notes,
        incidents=[incident for incident in whole.incidents if incident.resolved_at is None],
        numbers=whole.numbers,
        lines=timeline(config, whole, words_of(config)),
        told=TOLD.get(told),
        following=_following() if told in TOLD else None,
        may_revise=_revisions(whole),
    )


def _links(whole: WholeCase) -> list[tuple[str, Link, str]]:
    with platform().database.read() as connection:
        return [
            (LINKED[link.kind, link.backwards], link, _standing(platform().services[link.service], link))
            for link in links_of(connection, whole.case)
        ]


def _standing(config: ServiceConfig, link: Link) -> str:
    ended = config.outcomes.get(link.outcome or "")
    return ended.title["en"] if ended else link.outcome or link.status


def _following() -> dict[str, Any] | None:
    """Return the next task for this officer (address, reference, title), None if nothing is left to do."""
    with platform().database.read() as connection:
        item = next_task(connection, actor(), now=now())
    if item is None:
        return None
    title = title_of(platform().services[item.service], item.key)
    return {"address": address_of(item), "reference": item.reference, "title": title}


def _revisions(whole: WholeCase) -> list[tuple[str, str]]:
    """Return what this officer may do to the case as a whole: (last part of the address, words)."""
    is_open = whole.case.status == CaseStatus.OPEN
    offered = (
        (Action.REWIND, is_open, "rewind", "Take it back to an earlier step"),
        (Action.WITHDRAW, is_open, "withdraw", "Withdraw it for the family"),
        (Action.REOPEN, not is_open, "reopen", "Open it again"),
        (Action.REPLACE_PIN, True, "pin", "Replace a lost PIN"),
    )
    return [
        (path, words)
        for action, fits, path, words in offered
        if fits and may(actor(), action, office=whole.case.office)
    ]


@blueprint.get("/cases/<reference>/letters/<int:letter_id>")
@permit(Action.READ_CASE)
def letter(reference: str, letter_id: int) -> Response:
    """Download a letter of a case."""
    whole = read_case(reference, "read-letter", f"letter {letter_id}")
    found = next((each for each in whole.letters if each.id == letter_id), None)
    if found is None or found.status not in (LetterStatus.ISSUED, LetterStatus.SUPERSEDED):
        abort(404)
    return send_letter(found, whole.case.reference)
