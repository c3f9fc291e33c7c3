"""The manager's overview: what becomes late, what waits longest, what came and went, how long steps take.

Each number links to the list of its cases.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for

from cases.audit import log_read
from cases.overview import DAYS, Due, Horizon, Scope, due, flow, longest_waits, start_of, step_times
from cases.overview_list import Group, Listed, Span, behind
from cases.permissions import Action, Actor
from web.access import permit
from web.charts import bar_chart
from web.platform import now, platform
from web.staff.reading import reads_cases, title_of
from web.staff.sign_in import actor

blueprint = Blueprint("overview", __name__, url_prefix="/staff/overview")
TITLES = {
    Group.LATE: "Tasks that are late",
    Group.TODAY: "Tasks that will be late today",
    Group.WEEK: "Tasks that will be late on a later day of this week",
    Group.WAITING: "What is waited for, the oldest first",
    Group.OPEN: "Open applications",
    Group.RECEIVED: "Applications received",
    Group.DECIDED: "Applications decided",
    Group.CLOSED: "Applications closed",
    Group.DONE: "Finished tasks",
}
AT = {
    Group.LATE: "Due",
    Group.TODAY: "Due",
    Group.WEEK: "Due",
    Group.WAITING: "Due",
    Group.OPEN: "Received",
    Group.RECEIVED: "Received",
    Group.DECIDED: "Decided",
    Group.CLOSED: "Closed",
    Group.DONE: "Done",
}
HAPPENED = frozenset({Group.RECEIVED, Group.DECIDED, Group.CLOSED, Group.DONE})


@blueprint.get("")
@permit(Action.SEE_OVERVIEW)
def overview() -> str:
    """Show how the work stands."""
    instant, zone, scope = now(), platform().zone, _scope(actor())
    today = instant.astimezone(zone).date()
    since = start_of(today - timedelta(days=DAYS - 1), zone)
    with platform().database.read() as connection:
        becoming_late = due(connection, scope, Horizon.at(instant, zone))
        waits = longest_waits(connection, scope)
        days = flow(connection, scope, zone=zone, now=instant)
        times = step_times(connection, scope, since=since)
    labels = [f"{each.day.day} {each.day:%b}" for each in days]
    counts = [("received", [each.received for each in days]), ("decided", [each.decided for each in days])]
    return render_template(
        "manager/overview.html",
        filters=_filters(),
        due=[(each, *_names(each.service, each.key), _office(each.office)) for each in becoming_late],
        sums=_sums(becoming_late),
        waits=[(each, *_names(each.service, each.key), _office(each.office)) for each in waits],
        days=days,
        chart=bar_chart(labels, counts),
        times=[(each, *_names(each.service, each.key)) for each in times],
        address=_address,
        case_address=_case_address,
        first_day=days[0].day,
        today=today,
        now=instant,
        long=long_of,
    )


@blueprint.get("/cases")
@permit(Action.SEE_OVERVIEW)
def cases() -> str:
    """List the cases behind a number."""
    instant, zone, officer = now(), platform().zone, actor()
    group, step = _group(), request.args.get("step") or None
    first, last = _day("from", instant.astimezone(zone).date()), _day("to", instant.astimezone(zone).date())
    span = Span(start_of(first, zone), start_of(last + timedelta(days=1), zone))
    with platform().database.write() as connection:
        log_read(connection, actor=officer.name, action="read-overview", now=instant, detail=str(group))
        rows, following = behind(
            connection,
            _scope(officer),
            group,
            horizon=Horizon.at(instant, zone),
            span=span,
            step=step,
            after=_number("after"),
        )
    return render_template(
        "manager/cases.html",
        title=TITLES[group],
        at=AT[group],
        days=(first, last) if group in HAPPENED else None,
        filters=_filters(),
        rows=[_row(each) for each in rows],
        following=url_for(".cases", **_kept("after"), after=following) if following else None,
        back=url_for(".overview", **_kept("show", "step", "from", "to", "after")),
        case_address=_case_address,
    )


def _row(listed: Listed) -> dict[str, Any]:
    service = platform().services[listed.service]
    task = title_of(service, listed.key) if listed.key else None
    return {"listed": listed, "service": service.title, "task": task, "office": _office(listed.office)}


def _names(service: str, key: str) -> tuple[Any, Any]:
    config = platform().services[service]
    return config.title, title_of(config, key)


def _office(key: str) -> str:
    found = platform().places.offices.get(key)
    return found.name if found else key


def _sums(cells: list[Due]) -> Mapping[str, int]:
    return {
        "late": sum(cell.late for cell in cells),
        "today": sum(cell.today for cell in cells),
        "week": sum(cell.week for cell in cells),
    }


def _case_address(reference: str) -> str | None:
    return url_for("case.show", reference=reference) if reads_cases(actor()) else None


def long_of(duration: timedelta) -> str:
    """Return a duration in the unit that suits it: "40 minutes", "7 hours", "3.5 days"."""
    minutes = duration.total_seconds() / 60
    if minutes < 90:
        return _of(round(minutes), "minute")
    if minutes < 36 * 60:
        return _of(round(minutes / 60), "hour")
    days = minutes / (24 * 60)
    return f"{days:.1f} days" if days < 10 else _of(round(days), "day")


def _of(count: int, unit: str) -> str:
    return f"{count:,} {unit}" + ("" if count == 1 else "s")


# -- whose work, and which of it -------------------------------------------------------------------


def _scope(officer: Actor) -> Scope:
    """Return the scope that the address asks for, within what this manager may see."""
    place, service = request.args.get("place", ""), request.args.get("service", "")
    offices = platform().places.offices
    if place in platform().places.divisions:
        wanted: tuple[str, ...] | None = tuple(
            key for key, office in offices.items() if office.division == place
        )
    else:
        wanted = (place,) if place in offices else None
    if officer.office is not None:
        wanted = (officer.office,)
    return Scope(wanted, service if service in platform().services else None)


def _filters() -> dict[str, Any]:
    places = platform().places
    return {
        "service": request.args.get("service", ""),
        "place": request.args.get("place", ""),
        "services": platform().services,
        "divisions": places.divisions if actor().office is None else {},
        "offices": places.offices if actor().office is None else {},
    }


def _kept(*without: str) -> dict[str, Any]:
    names = ("service", "place", "show", "step", "from", "to", "after")
    return {name: request.args[name] for name in names if request.args.get(name) and name not in without}


def _address(show: str, **named: Any) -> str:
    """Return the address of the cases behind a number, in the scope of this page."""
    given = {name: value for name, value in named.items() if value is not None}
    return url_for(".cases", **{**_kept("show", "step", "from", "to", "after"), "show": show, **given})


def _group() -> Group:
    try:
        return Group(request.args.get("show", ""))
    except ValueError:
        abort(404)


def _day(name: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return otherwise


def _number(name: str) -> int:
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0
