"""The style sheet, script and icon that `npm run build` made: named by their content, kept for ever."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, abort, request

from config.errors import ConfigError
from web.access import public

BUILD = Path(__file__).resolve().parent / "static" / "build"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
blueprint = Blueprint("static_files", __name__)


@cache
def manifest(folder: Path = BUILD) -> dict[str, str]:
    """Return what each plain name is called now. Raises ConfigError if the files were never built."""
    try:
        names: dict[str, str] = json.loads((folder / "manifest.json").read_text())
    except OSError as error:
        raise ConfigError(
            "web/static/build/manifest.json", "", "the files made by `npm run build`"
        ) from error
    return names


def asset(name: str) -> str:
    """Return the address of a built file by its plain name, such as `s2f.css`."""
    return f"/static/{manifest()[name]}"


@cache
def _content(name: str, zipped: bool) -> bytes:
    return (BUILD / (f"{name}.gz" if zipped else name)).read_bytes()


@blueprint.get("/static/<name>")
@public
def static_file(name: str) -> Response:
    """Serve one built file. Only names in the manifest exist, so no path can lead elsewhere."""
    if name not in manifest().values():
        abort(404)
    zipped = "gzip" in request.headers.get("Accept-Encoding", "")
    response = Response(_content(name, zipped), mimetype=TYPES[Path(name).suffix])
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.vary.add("Accept-Encoding")
    if zipped:
        response.headers["Content-Encoding"] = "gzip"
    return response
