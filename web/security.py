"""What every response carries so that a browser doesn't run, leak or keep what it shouldn't."""

from __future__ import annotations

import gzip
import secrets

from flask import Flask, Response, g, request
from flask_wtf import CSRFProtect

SMALLEST_ZIPPED = 600
csrf = CSRFProtect()


def nonce() -> str:
    """Return this response's nonce: only the style sheet and script that carry it are run."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    value: str = g.nonce
    return value


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
    csrf.init_app(app)
    # Functions registered first run last: the page is compressed after all else is done.
    app.after_request(compress)
    app.after_request(lambda response: add_headers(response, https=https))


def add_headers(response: Response, *, https: bool) -> Response:
    """Add the security headers. Pages are never kept by a cache: most show something personal."""
    headers = response.headers
    headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src 'nonce-{nonce()}'; style-src 'nonce-{nonce()}'; img-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
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
