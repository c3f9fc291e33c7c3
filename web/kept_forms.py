"""Forms that come when the browser’s session has ended: shown again as typed, to be sent once more."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from flask import current_app, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

ViewT = TypeVar("ViewT", bound=Callable[..., Any])


def keeps_typed(again: Callable[..., ResponseReturnValue | None]) -> Callable[[ViewT], ViewT]:
    """Have `again`, called as the view would be, answer a form that comes without a session or with the
    token of another one. It changes nothing, and returns None where nothing can be shown again."""

    def declare(view: ViewT) -> ViewT:
        view.again = again  # type: ignore[attr-defined]
        return view

    return declare


def typed_again() -> ResponseReturnValue | None:
    """Return the answer of the present view's `again`; None if it has none or nothing was sent."""
    view = current_app.view_functions.get(request.endpoint or "")
    again = getattr(view, "again", None)
    if again is None or request.method != "POST":
        return None
    with suppress(HTTPException):  # there is no such page to show again
        answer: ResponseReturnValue | None = again(**(request.view_args or {}))
        return answer
    return None
