"""Every letter in every form and language side by side, from sample facts: for those who write templates.

The web doesn't lay letters out: a program of its own does, and what it writes is kept in the home until a
template or a translation changes.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from hashlib import sha256
from pathlib import Path
from typing import Any

from flask import Blueprint, abort, render_template, send_file
from markupsafe import Markup
from werkzeug.wrappers import Response

from cases.permissions import Action
from config.languages import CATALOGUES, LANGUAGES
from web.access import permit
from web.platform import platform
from web.public.letters import page_parts

blueprint = Blueprint("letter_templates", __name__, url_prefix="/staff/letter-templates")
ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates" / "letters"
WITHIN = 120.0  # seconds
TITLES = {"html": "Page", "text": "Text", "pdf": "PDF", "large": "Large print"}
_MADE = re.compile(r"[a-z]{2,3}(-[a-z]+-[0-9]{1,2}\.png|\.[a-z.]{3,9})")
_KINDS = {".png": "image/png", ".pdf": "application/pdf", ".html": "text/html", ".txt": "text/plain"}
_one_at_a_time = threading.Lock()


@blueprint.get("")
@permit(Action.SEE_LETTER_TEMPLATES)
def index() -> str:
    """List the letters of every service."""
    letters = sorted((path.parent.name, path.stem) for path in TEMPLATES.glob("*/*.html"))
    found = [
        {"service": service, "letter": letter, "title": platform().services[service.replace("_", "-")].title}
        for service, letter in letters
    ]
    return render_template("staff/letter_templates.html", letters=found)


@blueprint.get("/<service>/<letter>")
@permit(Action.SEE_LETTER_TEMPLATES)
def side_by_side(service: str, letter: str) -> str:
    """Show a letter in every form and language."""
    folder = _previews(service, letter)
    forms = json.loads((folder / "index.json").read_text("utf-8")) if folder else None
    style = ""
    pages: dict[str, Markup] = {}
    texts: dict[str, str] = {}
    for language, made in (forms or {}).items():
        if folder and made["html"]["files"]:
            style, pages[language] = page_parts((folder / f"{language}.html").read_text("utf-8"))
        if folder and made["text"]["files"]:
            texts[language] = (folder / f"{language}.txt").read_text("utf-8")
    return render_template(
        "staff/letter_template.html",
        service=service,
        letter=letter,
        known=LANGUAGES,
        forms=forms,
        titles=TITLES,
        style=style,
        pages=pages,
        texts=texts,
    )


@blueprint.get("/<service>/<letter>/<name>")
@permit(Action.SEE_LETTER_TEMPLATES)
def file(service: str, letter: str, name: str) -> Response:
    """Send a preview, or the picture of a page of one."""
    folder = _previews(service, letter)
    if folder is None or not _MADE.fullmatch(name) or not (folder / name).is_file():
        abort(404)
    kind = _KINDS.get(Path(name).suffix, "application/octet-stream")
    sent: Any = send_file(folder / name, mimetype=kind, as_attachment=kind == "text/html")
    response: Response = sent
    return response


def _previews(service: str, letter: str) -> Path | None:
    """Return the folder with a letter's previews, made now if need be; None when they can't be made here.

    Raises NotFound (404) when there is no such letter.
    """
    if (service, letter) not in {(path.parent.name, path.stem) for path in TEMPLATES.glob("*/*.html")}:
        abort(404)
    kept = platform().settings.home / "previews"
    folder = kept / _state() / service / letter
    with _one_at_a_time:
        if not folder.exists():
            for old in kept.glob("*") if kept.exists() else ():
                if old.name != _state():
                    shutil.rmtree(old, ignore_errors=True)
            return folder if _make(f"{service}/{letter}", folder) else None
    return folder


def _state() -> str:
    """A name that changes with every template, sample, style sheet and translation of letters."""
    digest = sha256()
    for path in sorted([*TEMPLATES.rglob("*.*"), *CATALOGUES.rglob("letters.po")]):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _make(template: str, folder: Path) -> bool:
    """Have previews written into `folder`, which is there only when all of them are."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as draft:
        command = [sys.executable, "-m", "flows.platform.letter_preview", template, draft]
        try:
            subprocess.run(command, cwd=ROOT, check=True, timeout=WITHIN, stdin=subprocess.DEVNULL)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
            return False
        (Path(draft) / "done").mkdir()
        for path in Path(draft).glob("*.*"):
            path.rename(Path(draft) / "done" / path.name)
        try:
            (Path(draft) / "done").rename(folder)
        except OSError:  # another process of the web was quicker
            return folder.exists()
    return True
