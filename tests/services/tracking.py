"""What an applicant reads at every step of a golden case, as text that a person can read too.

    python -m tests.services.tracking    writes tests/services/<service>/tracking/*.txt anew: read them

A case is played act by act; after each, the page is drawn from the rows that the engine would have written,
once while a new letter is being made and once when it is ready. All in the language of its applicant. The
case in which nothing happens also shows the page before the engine has met it, late, and withdrawn.
"""

from __future__ import annotations

import dataclasses
import re
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from html import unescape
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from flask import Flask

from cases.db import Database
from cases.reading import WholeCase
from cases.vocabulary import CaseStatus, LetterStatus, StepKind, StepStatus
from config.settings import Settings
from flows.engine.play import Act, Played, Scene, play
from flows.engine.runtime import Runtime, load_runtimes
from flows.engine.scene_file import SceneFile, read_scene
from forms.compiler import load_forms
from web.app import create_app
from web.languages import COOKIE
from web.platform import platform
from web.public.track import drawn

FOLDER = Path(__file__).parent
RULE = "-" * 100
NOTHING_HAPPENS = "waiting_for_the_registrar"
MUCH_LATER = timedelta(days=60)


def snapshot_of(path: Path) -> Path:
    """Return where the pages of a golden case stand."""
    return path.parent / "tracking" / f"{path.stem}.txt"


def pages(path: Path) -> str:
    """Return all pages of a golden case, each under what happened before it."""
    runtime = _runtimes()[path.parent.name.replace("_", "-")]
    scene_file = _scene(path, runtime)
    scene = scene_file.scene
    parts = [f"{scene_file.about.strip()}\n"]
    for count in range(len(scene.acts) + 1):
        played = play(dataclasses.replace(scene, acts=scene.acts[:count]), runtime)
        act = scene.acts[count - 1] if count else None
        for note, ready in _moments(played, act):
            at = _instant(played, act) or scene.received_at
            page = _page(scene, runtime, _whole(scene, played, at, ready), at)
            parts.append(_part(f"{_told(scene, played, act)}{note}", page))
    if path.stem == NOTHING_HAPPENS:
        parts += _otherwise(scene, runtime)
    return "\n".join(parts)


def _part(happened: str, page: str) -> str:
    return f"{RULE}\n{happened}\n{RULE}\n{page}\n"


def _otherwise(scene: Scene, runtime: Runtime) -> list[str]:
    """Return the pages of a case that nobody has decided: not met yet, late, and withdrawn."""
    played, at = play(scene, runtime), scene.received_at
    new, late, withdrawn = (_whole(scene, played, at, True) for _ in range(3))
    new.journal.clear()
    for entry in withdrawn.in_force:
        entry.status = StepStatus.CANCELLED if entry.status == StepStatus.OPEN else entry.status
    withdrawn.case.status, withdrawn.case.outcome, withdrawn.case.closed_at = (
        CaseStatus.CLOSED,
        "withdrawn",
        at,
    )
    return [
        _part("applied, before anything else", _page(scene, runtime, new, at)),
        _part("applied, much later", _page(scene, runtime, late, at + MUCH_LATER)),
        _part("applied and withdrawn", _page(scene, runtime, withdrawn, at)),
    ]


def _moments(played: Played, act: Act | None) -> Iterator[tuple[str, bool]]:
    """Yield what to say of the letters, and whether they are ready: twice after an act that asked for one."""
    at = _instant(played, act)
    if any(step.done_at == at for step in played.of_kind(StepKind.LETTER)):
        yield ", and the letter is being made", False
        yield ", and the letter is ready", True
    else:
        yield "", True


def _told(scene: Scene, played: Played, act: Act | None) -> str:
    at = _instant(played, act) or scene.received_at
    day = at.astimezone(_zone()).strftime("%a %d %b %Y %H:%M")
    if act is None:
        return f"{day}: applied"
    result = act.result or {}
    how = result.get("outcome") or ("answered" if "text" in result else "")
    return f"{day}: {act.step} {how or ('confirmed' if act.result else 'no answer')}"


def _instant(played: Played, act: Act | None) -> datetime | None:
    return next((step.done_at for step in played.steps if act and step.key == act.step), None)


def _page(scene: Scene, runtime: Runtime, whole: WholeCase, at: datetime) -> str:
    cookie = {"Cookie": f"{COOKIE}={scene.language}"}
    with _app().test_request_context("/track/application", headers=cookie):
        config = platform().services[runtime.flow.key]
        links = [SimpleNamespace(**entry.shows) for entry in whole.in_force if entry.kind == StepKind.LINK]
        html = drawn(config, whole, links, told=None, instant=at)
    return _words(html)


def _whole(scene: Scene, played: Played, at: datetime, ready: bool) -> WholeCase:
    """Return the case as it would be read from the database."""
    case = SimpleNamespace(
        reference=scene.reference,
        office=scene.office,
        received_at=scene.received_at,
        status=CaseStatus.CLOSED if played.outcome else CaseStatus.OPEN,
        outcome=played.outcome,
        closed_at=at if played.outcome else None,
    )
    journal = [
        SimpleNamespace(
            **{field.name: getattr(step, field.name) for field in dataclasses.fields(step)},
            id=number,
            generation=0,
            cut_by=None,
            shows=step.payload,
        )
        for number, step in enumerate(played.steps, start=1)
    ]
    letters = [_letter(step, ready or step.done_at != at) for step in journal if step.kind is StepKind.LETTER]
    return WholeCase(case, journal, letters, (), (), (), (), ())


def _letter(step: Any, ready: bool) -> SimpleNamespace:
    return SimpleNamespace(
        id=step.id,
        generation=0,
        key=step.key,
        status=LetterStatus.ISSUED if ready else LetterStatus.PENDING,
        issued_at=step.done_at + timedelta(minutes=1),
        size=24 * 1024,
        delivery=None,
        delivered_at=None,
    )


_LINES = r"</(p|h[1-6]|li|div|section)>|<br>|<(h[1-6]|p|li|ul|ol|section|form)\b[^>]*>"


def _words(html: str) -> str:
    """Return the words of a page's main part, a line for each of its blocks."""
    found = re.search(r"<main.*?</main>", html, re.DOTALL)
    assert found, "a page has a main part"
    lines = re.sub(_LINES, "\n", re.sub(r"\s+", " ", found[0]))
    text = unescape(re.sub(r"<[^>]+>", " ", lines))
    return "\n".join(line for line in (" ".join(line.split()) for line in text.splitlines()) if line)


@cache
def _runtimes() -> dict[str, Runtime]:
    return load_runtimes()


@cache
def _app() -> Flask:
    home = tempfile.mkdtemp()
    settings = Settings.from_env({"S2F_HOME": home})
    return create_app(settings, Database.connect(f"sqlite:///{home}/never-opened.db"))


def _zone() -> Any:
    with _app().app_context():
        return platform().zone


def _scene(path: Path, runtime: Runtime) -> SceneFile:
    return read_scene(path, runtime, _forms()[runtime.flow.key])


_forms = cache(load_forms)


def main() -> None:
    """Write the pages of all golden cases anew, and delete those of golden cases that are no more."""
    written = set()
    for path in sorted(FOLDER.glob("*/*.yaml")):
        snapshot = snapshot_of(path)
        snapshot.parent.mkdir(exist_ok=True)
        snapshot.write_text(pages(path))
        written.add(snapshot)
    for old in set(FOLDER.glob("*/tracking/*.txt")) - written:
        old.unlink()


if __name__ == "__main__":
    main()
