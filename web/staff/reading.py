"""Reading a case, or a task alone, for the signed-in officer; each read is noted in the access log."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from cases.audit import log_read
from cases.errors import NotAllowed
from cases.permissions import Action, Actor, may, require, require_reads
from cases.reading import WholeCase, case_id_of, step_with_case, whole_case
from config.services import ServiceConfig
from web.platform import now, platform
from web.public.tracking import base_key
from web.staff.evidence import Words
from web.staff.sign_in import actor


def read_case(reference: str, action: str, detail: str | None = None) -> WholeCase:
    """Return a case, noting in the access log that this officer read it.

    Raises NotFound; NotAllowed for a case of an office that isn't the officer's, or of a service in which the
    officer's role has nothing to do.
    """
    with platform().database.write() as connection:
        return _read(connection, case_id_of(connection, reference), action, detail)


def read_case_of_step(step_id: int) -> WholeCase:
    """Return the case of a step as `read_case` does."""
    with platform().database.write() as connection:
        case_id = step_with_case(connection, step_id).case_id
        return _read(connection, case_id, "read-case", None)


def _read(connection: Connection, case_id: int, action: str, detail: str | None) -> WholeCase:
    whole = whole_case(connection, case_id)
    require_reads(actor(), office=whole.case.office, roles=readers_of(whole.case.service))
    log_read(connection, actor=actor().name, action=action, now=now(), case_id=case_id, detail=detail)
    return whole


def readers_of(service: str) -> set[str]:
    """Return the roles that have something to do in a service, or in the one that reviews its decisions."""
    config = platform().services[service]
    services = [config, *([platform().services[config.review.service]] if config.review else [])]
    return {step.role for each in services for step in each.steps.values() if step.role is not None}


def read_task(step_id: int) -> Any:
    """Return a task (as `step_with_case`) whose officer sees what is asked and nothing else of the case.

    Raises NotFound; NotAllowed for a task of another role, office or facility.
    """
    officer = actor()
    with platform().database.write() as connection:
        step = step_with_case(connection, step_id)
        require_task(officer, step)
        log_read(connection, actor=officer.name, action="read-task", now=now(), case_id=step.case_id)
    return step


def require_task(officer: Actor, step: Any) -> None:
    """Raise NotAllowed unless the task (a journal row) is one of this officer's role and office."""
    require(officer, Action.DECIDE, office=step.office)
    if step.role is None or step.role != officer.role:
        raise NotAllowed(f"step {step.id} is a task for {step.role}, not for {officer.name}")


def reads_cases(officer: Actor) -> bool:
    """Whether this officer may see whole cases; else they see what a task shows."""
    return may(officer, Action.READ_CASE)


def words_of(config: ServiceConfig) -> Words:
    """Return the words of a service's forms, facts and steps."""
    task_forms = [form for (service, _), form in platform().task_forms.items() if service == config.key]
    return Words(config, platform().forms[config.key], task_forms, _words_of_other)


def _words_of_other(service: str) -> Words | None:
    config = platform().services.get(service)
    return words_of(config) if config is not None else None


def urgency(config: ServiceConfig, key: str | None) -> str | None:
    """Return in words why a task goes before all others; None if it doesn't."""
    if key is None:
        return None
    known = config.phrases.get(key)
    return known["en"] if known else key.replace("-", " ").capitalize()


def title_of(config: ServiceConfig, key: str) -> str:
    """Return the title of a step (`review#2` as `review`); its key where it has none."""
    step = config.steps.get(base_key(key))
    return step.title["en"] if step else key
