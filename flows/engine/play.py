"""Play a procedure on given answers and scripted decisions and times: no database, no Prefect.

    played = play(scene, scenery)

A scene is what a golden case holds (see docs/adding-a-service.md for its file). The procedure is replayed
from the top after every scripted act, as the engine does, so that a scene also proves that it replays.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cases.grounds import criteria_shown, lacking, standings_after
from cases.journal import Answers, Cancelled, CaseFile, Entry, Opened, Recorded, Replay, Wait, replay
from cases.vocabulary import StepKind, StepStatus
from flows.engine.runtime import Runtime

FINDS_ONE = ("bundle",)
"""Queries whose answer is one thing or None, and not a list."""


class SceneError(Exception):
    """The scene doesn't fit the procedure. `str()` says where and what was expected."""


@dataclass(frozen=True)
class Act:
    """One scripted happening: somebody decides or answers a step, or its time runs out.

    step: the key, with its visit (`review#2`). at: when (aware UTC); None for `no_answer` means the
    moment the time runs out. result: as the verb would store it; None = no answer came.
    """

    step: str
    at: datetime | None
    result: Any
    by: str = "officer"


@dataclass(frozen=True)
class Scene:
    """A case to be played. queries: the answer of each query and recheck by its key; without one, nothing
    is found. An assignment's says whether there was room; without one, there was."""

    answers: Mapping[str, Any]
    received_at: datetime
    acts: Sequence[Act] = ()
    office: str = "suva"
    language: str = "en"
    channel: str = "web"
    reference: str = "PLAY-222-222-222"
    queries: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class PlayedStep:
    """A step as it went. Instants are aware UTC; `due_at` is the service standard."""

    key: str
    kind: StepKind
    status: StepStatus
    opened_at: datetime
    done_at: datetime | None = None
    due_at: datetime | None = None
    expires_at: datetime | None = None
    role: str | None = None
    office: str | None = None
    outcomes: Sequence[Mapping[str, str]] | None = None
    result: Any = None
    payload: Mapping[str, Any] | None = None
    by: str | None = None
    not_by: Sequence[str] = ()
    urgent: str | None = None


@dataclass
class Played:
    """What came of a scene. outcome None: it still waits for the steps that are `open`."""

    outcome: str | None
    steps: list[PlayedStep]

    def of_kind(self, kind: StepKind) -> list[PlayedStep]:
        """The steps of one kind, in order."""
        return [step for step in self.steps if step.kind is kind]

    @property
    def waiting_for(self) -> list[str]:
        """Keys of the steps that are still open."""
        return [step.key for step in self.steps if step.status is StepStatus.OPEN]


def play(scene: Scene, runtime: Runtime) -> Played:
    """Play the scene to its end.

    Raises SceneError when an act names a step that isn't open or comes out of order, ReplayMismatch when
    the procedure doesn't replay, and whatever the procedure raises.
    """
    played = Played(None, [])
    now = scene.received_at
    _run(scene, runtime, played, now)
    for number, act in enumerate(scene.acts, start=1):
        if played.outcome is not None:
            raise SceneError(f"act {number} ({act.step}): the case has ended as {played.outcome!r}")
        now = _perform(runtime, played, act, number, now)
        _run(scene, runtime, played, now)
    return played


def _run(scene: Scene, runtime: Runtime, played: Played, now: datetime) -> None:
    """Replay until the procedure waits for somebody or ends, applying what is new."""
    answers: dict[str, Any] = {}
    while True:
        result = replay(runtime.flow.procedure, _case_file(scene, runtime, played, answers))
        if result.query is not None:
            base = result.query.key.partition("#")[0]
            found = scene.queries.get(base, None if result.query.name in FINDS_ONE else [])
            answers[result.query.key] = scene.queries.get(result.query.key, found)
            continue
        _apply(scene, runtime, played, result, now)
        if result.in_writing is None:
            played.outcome = result.outcome
            return


def _case_file(scene: Scene, runtime: Runtime, played: Played, answers: Mapping[str, Any]) -> CaseFile:
    return CaseFile(
        reference=scene.reference,
        service=runtime.flow.key,
        answers=Answers(scene.answers, runtime.fields),
        language=scene.language,
        office=scene.office,
        channel=scene.channel,
        received_at=scene.received_at,
        entries=[_entry(step) for step in played.steps],
        query_answers=answers,
        config=runtime.config,
        places=runtime.places,
        calendar=runtime.standards.calendar(scene.office),
    )


def _entry(step: PlayedStep) -> Entry:
    return Entry(
        step.key, step.kind, step.status, step.done_at, step.result, step.role, step.outcomes, step.by
    )


def _apply(scene: Scene, runtime: Runtime, played: Played, result: Replay, now: datetime) -> None:
    for write in result.writes:
        if isinstance(write, Opened):
            played.steps.append(_opened(scene, runtime, write, now))
        elif isinstance(write, Cancelled):
            _replace(played, write.key, status=StepStatus.CANCELLED)
        elif isinstance(write, Recorded):
            value = write.result
            if write.kind is StepKind.NUMBER:
                value = _number(scene, runtime, write)
            elif write.kind is StepKind.RECHECK:
                value = scene.queries.get(write.key, [])
            elif write.kind is StepKind.ASSIGNMENT:
                value = scene.queries.get(write.key, True)
            step = PlayedStep(write.key, write.kind, StepStatus.DONE, write.at, write.at, result=value)
            played.steps.append(dataclasses.replace(step, payload=write.payload))


def _number(scene: Scene, runtime: Runtime, write: Recorded) -> str:
    series = runtime.config.series[write.key.partition("#")[0]]
    year = (write.payload or {})["year"]
    return series.write(year=year, office=runtime.offices[scene.office].code, number=1)


def _opened(scene: Scene, runtime: Runtime, write: Opened, now: datetime) -> PlayedStep:
    wait: Wait = write.wait
    clock = runtime.standards.arm(runtime.flow.key, write.key, scene.office, write.since)
    within = wait.within
    expires = runtime.standards.expires(scene.office, now, within) if within else wait.until
    return PlayedStep(
        write.key,
        wait.kind,
        StepStatus.OPEN,
        opened_at=now,
        due_at=clock.deadline if clock else None,
        expires_at=expires,
        role=wait.role,
        office=wait.office or scene.office,
        outcomes=wait.outcomes,
        payload=wait.shows,
        not_by=wait.not_by,
        urgent=wait.urgent,
    )


def _perform(runtime: Runtime, played: Played, act: Act, number: int, now: datetime) -> datetime:
    step = next((step for step in played.steps if step.key == act.step), None)
    if step is None or step.status is not StepStatus.OPEN:
        raise SceneError(f"act {number}: step {act.step} isn't open; open are {played.waiting_for}")
    at = act.at or step.expires_at
    if at is None or at < now:
        raise SceneError(f"act {number} ({act.step}): give a time `at` that isn't before {now.isoformat()}")
    if act.by in step.not_by:
        raise SceneError(f"act {number} ({act.step}): {act.by} took part, and somebody else has to decide")
    if step.outcomes and isinstance(act.result, Mapping):
        offered = [choice["key"] for choice in step.outcomes]
        if act.result.get("outcome") not in offered:
            raise SceneError(f"act {number} ({act.step}): the outcome must be one of {offered}")
        chosen = next(row for row in step.outcomes if row["key"] == act.result["outcome"])
        act = _with_grounds(runtime, step, act)
        _require_grounds(step, act, number, chosen["needs"])
        form = chosen.get("form")
        if (form is not None) != ("details" in act.result):
            raise SceneError(f"act {number} ({act.step}): give `details` of {form or 'no form'}")
    status = StepStatus.DONE
    if act.result is None and step.kind is not StepKind.INSTANT:
        status = StepStatus.NO_ANSWER
    _replace(played, act.step, status=status, done_at=at, result=act.result, by=act.by)
    return at


def _with_grounds(runtime: Runtime, step: PlayedStep, act: Act) -> Act:
    """Give grounds without a text of their own the words of the service, as the officer's page does."""
    if "grounds" not in act.result:
        return act
    after = standings_after(criteria_shown(step.payload), act.result.get("overrides", ()))
    criteria = runtime.config.criteria
    grounds = [
        {"text": words["en"] if words else "", **ground}
        for ground in act.result["grounds"]
        for words in [criteria[ground["criterion"]].found(after.get(ground["criterion"], ""))]
    ]
    return dataclasses.replace(act, result={**act.result, "grounds": grounds})


def _require_grounds(step: PlayedStep, act: Act, number: int, needs: str) -> None:
    wrong = lacking(
        needs,
        criteria_shown(step.payload),
        grounds=act.result.get("grounds", ()),
        overrides=act.result.get("overrides", ()),
        reasons=act.result.get("reasons", ()),
    )
    if wrong:
        raise SceneError(f"act {number} ({act.step}): the decision {'; it '.join(map(str, wrong))}")


def _replace(played: Played, key: str, **changes: Any) -> None:
    played.steps = [
        dataclasses.replace(step, **changes) if step.key == key else step for step in played.steps
    ]
