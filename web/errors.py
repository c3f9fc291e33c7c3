"""What the domain refuses, as HTTP statuses and as words that people understand. The only such map."""

from __future__ import annotations

import logging
import traceback
from dataclasses import dataclass
from uuid import uuid4

from flask import Flask, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from markupsafe import Markup
from sqlalchemy.exc import DBAPIError, OperationalError
from werkzeug.exceptions import HTTPException

from cases.errors import (
    AlreadyDecided,
    CaseClosed,
    CaseError,
    Conflict,
    HeldByAnother,
    NotAllowed,
    NotFound,
    Refused,
    SeenSomethingElse,
    TookPart,
    TooManyAttempts,
)
from config.uploads import LIMITS
from web.kept_forms import typed_again
from web.languages import say, say_moment

log = logging.getLogger("s2f.web")
MOST_READ_ON = 4 * LIMITS.request_bytes


@dataclass(frozen=True)
class Told:
    """What a person is told: a status for the browser, a title and a sentence on what to do."""

    status: int
    title: Markup
    advice: Markup


def tell(error: CaseError) -> Told:
    """Return the status and words for something the domain refused. The first class that fits counts."""
    for kind, status, title, advice in _TOLD:
        if isinstance(error, kind):
            return Told(status, say(title), say(advice))
    if isinstance(error, TooManyAttempts):
        when = say_moment(error.until)
        told = say("There were too many wrong tries. You can try again after %(when)s.", when=when)
        return Told(429, say("Try again later"), told)
    return Told(400, say("This could not be done"), say("Go back, check what you entered and try again."))


def _(text: str) -> str:
    """Mark a text for the catalogues; it is translated when it is told."""
    return text


_TOLD: tuple[tuple[type[CaseError], int, str, str], ...] = (
    (
        NotFound,
        404,
        _("Page not found"),
        _("Check the address. If you followed a link, it may be out of date."),
    ),
    (
        TookPart,
        403,
        _("Somebody else has to decide this"),
        _("You took part in this application earlier, so another officer decides. Nothing was changed."),
    ),
    (NotAllowed, 403, _("You can’t open this page"), _("Your account doesn’t permit this.")),
    (
        AlreadyDecided,
        409,
        _("This has been settled already"),
        _("Somebody was quicker, or you sent it before. Nothing was changed by your try."),
    ),
    (
        HeldByAnother,
        409,
        _("Somebody else has this task"),
        _("Another officer has taken the task. Nothing was changed by your try."),
    ),
    (
        SeenSomethingElse,
        409,
        _("The application has changed"),
        _("There is something new on this application since you opened the page. Read it, then try again."),
    ),
    (
        CaseClosed,
        409,
        _("This application is closed"),
        _("It was finished or withdrawn, so nothing more can be done with it here."),
    ),
    (Conflict, 409, _("This could not be done"), _("Somebody or something was quicker. Try again.")),
    (Refused, 422, _("This could not be done"), _("Go back, check what you entered and try again.")),
)

_HTTP = {
    400: (_("This could not be read"), _("Go back, check what you entered and send it again.")),
    403: (_("You can’t open this page"), _("Your account doesn’t permit this.")),
    404: (_("Page not found"), _("Check the address. If you followed a link, it may be out of date.")),
    405: (_("Page not found"), _("This address can’t be used that way. Go back and try again.")),
    413: (
        _("That was too much at once"),
        _("Go back and send fewer or smaller files at a time, or less text."),
    ),
}
_SORRY = (
    _("Sorry, something went wrong"),
    _("We have noted the fault. Try again in a few minutes. What you sent before is safe."),
)
_AWAY = (
    _("The service is not available"),
    _("Try again in a few minutes: go back, and send the page again. What you sent before is safe."),
)
_FORM = (
    _("We could not check where this page came from"),
    _("You may have been signed out, or your browser refuses cookies. Go back, reload the page, send again."),
)


def handle_errors(app: Flask) -> None:
    """Answer every kind of error with a page that says what to do, and never with a trace."""
    app.register_error_handler(CaseError, _case_error)
    app.register_error_handler(CSRFError, _unsure_form)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(OperationalError, _database_away)
    app.register_error_handler(DBAPIError, _database_away)
    app.register_error_handler(Exception, _unforeseen)


def page(status: int, title: str, advice: str, *, number: str | None = None) -> tuple[str, int]:
    """Return an error page. `number` is what to say when asking for help."""
    return _page(Told(status, say(title), say(advice)), number)


def _page(told: Told, number: str | None = None) -> tuple[str, int]:
    return render_template("error.html", title=told.title, advice=told.advice, number=number), told.status


def _unsure_form(_error: CSRFError) -> ResponseReturnValue:
    """A form whose token is missing or of another session: shown again with what was typed, where that
    can be done. Only the person can send it then, with a token of their own."""
    return typed_again() or page(400, *_FORM)


def _case_error(error: CaseError) -> tuple[str, int]:
    return _page(tell(error))


def _http_error(error: HTTPException) -> tuple[str, int] | HTTPException:
    status = error.code or 500
    if status < 400:
        return error  # a redirect
    if status == 413:
        _read_on()
    return page(status, *_HTTP.get(status, _SORRY if status >= 500 else _HTTP[400]))


def _read_on() -> None:
    """Read what the browser is still sending: most show no answer before they have sent everything."""
    left = min(request.content_length or 0, MOST_READ_ON)
    while left > 0 and (chunk := request.environ["wsgi.input"].read(min(left, 65_536))):
        left -= len(chunk)


def _database_away(error: DBAPIError) -> tuple[str, int]:
    number = uuid4().hex[:8]
    # Statement and message may hold personal values: only what failed and where is logged.
    where = "".join(traceback.format_tb(error.__traceback__))
    cause = type(error.orig).__name__
    log.error("%s %s: database: %s [%s]\n%s", request.method, request.path, cause, number, where)
    return page(503, *_AWAY, number=number)


def _unforeseen(error: Exception) -> tuple[str, int]:
    number = uuid4().hex[:8]
    log.exception("%s %s [%s]", request.method, request.path, number, exc_info=error)
    return page(500, *_SORRY, number=number)
