"""What every response carries so that a browser doesn't run, leak or keep what it shouldn't."""

from __future__ import annotations

import gzip
import secrets
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, request
from flask_wtf import CSRFProtect

from config.uploads import LIMITS

SMALLEST_ZIPPED = 600
csrf = CSRFProtect()
ViewT = TypeVar("ViewT", bound=Callable[..., Any])


def nonce() -> str:
    """Return this response's nonce: only the style sheet and script that carry it are run."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    value: str = g.nonce
    return value


def takes_files(view: ViewT) -> ViewT:
    """Let a view be sent as much as files are large. All others take no more than text needs."""
    view.takes_files = True  # type: ignore[attr-defined]
    return view


def _allow_files() -> None:
    view = current_app.view_functions.get(request.endpoint or "")
    if getattr(view, "takes_files", False):
        request.max_content_length = LIMITS.request_bytes


def secure(app: Flask, *, https: bool) -> None:
    """Set cookies, headers and the check of forms. `https`: whether citizens come by https."""
    app.config.update(
        SESSION_COOKIE_NAME="__Host-s2f" if https else "s2f",
        SESSION_COOKIE_SECURE=https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a slow writer loses nothing
        MAX_CONTENT_LENGTH=512 * 1024,
        MAX_FORM_PARTS=500,
    )
    app.before_request(_allow_files)  # first: the check of forms reads what was sent
    csrf.init_app(app)
    # Functions registered first run last: the page is compressed after all else is done.
    app.after_request(compress)
    app.after_request(lambda response: add_headers(response, https=https))


def add_headers(response: Response, *, https: bool) -> Response:
    """Add the security headers. Pages are never kept by a cache: most show something personal."""
    headers = response.headers
    # Only officers' pages talk to us from a script, which keeps half-written words.
    talks = "connect-src 'self'; " if request.path.startswith("/staff") else ""
    policy = (
        f"default-src 'none'; script-src 'nonce-{nonce()}'; style-src 'nonce-{nonce()}'; img-src 'self'; "
        f"{talks}"
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
    headers.setdefault("Content-Security-Policy", policy)
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers.setdefault("Cache-Control", "no-store")
    if https:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return response


def compress(response: Response) -> Response:
    """Compress a page for those who pay by the kilobyte.

    Cookies are SameSite=Lax, so that no foreign page can make a browser fetch secrets and guesses
    together, which is what makes compressing dangerous elsewhere.
    """
    if response.mimetype != "text/html" or response.direct_passthrough:
        return response
    response.vary.add("Accept-Encoding")
    body = response.get_data()
    if len(body) >= SMALLEST_ZIPPED and "gzip" in request.headers.get("Accept-Encoding", ""):
        response.set_data(gzip.compress(body, compresslevel=6, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response
