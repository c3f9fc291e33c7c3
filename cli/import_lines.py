"""From a line of an import file to an application, or to what is wrong with the line.

A file comes from elsewhere and may hold anything. Whatever a line holds, it is told with its number and
field, and no other line suffers.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any, BinaryIO, NoReturn

from cases.actions import Application, new_reference
from cases.likeness import row_of
from cases.parties import rows_of, version_of
from cases.vocabulary import Channel
from config.services import ServiceConfig
from forms.form import Form
from forms.model import FieldType
from forms.text import has_control_characters

LONGEST_LINE = 256 * 1024
LONGEST_ID = 200
LONGEST_NAME_SHOWN = 100
MOST_UNKNOWN = 20
FIELDS = ("external_id", "service", "received_at", "channel", "office", "answers")
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|\+00:00)")
_SPACE = b" \t\r\n"


@dataclass(frozen=True, slots=True)
class LineError:
    """Something wrong in a line; `field` is its name as in the file, None when the whole line is meant."""

    line: int
    field: str | None
    message: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the file that isn't blank; `content` is None when it is longer than LONGEST_LINE."""

    number: int
    content: bytes | None


class _Wrong(Exception):
    """A line that can't be read as JSON. `field` is the key that stands there twice, else None."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


def read_lines(stream: BinaryIO) -> Iterator[Line]:
    """Yield the lines of a file, one at a time however long they are, without the blank ones."""
    number = 0
    while content := stream.readline(LONGEST_LINE + 1):
        number += 1
        if len(content) > LONGEST_LINE and not content.endswith(b"\n"):
            while content and not content.endswith(b"\n"):
                content = stream.readline(LONGEST_LINE)
            yield Line(number, None)
        elif content.strip(_SPACE):
            yield Line(number, content)


class Checker:
    """Checks lines against the services, their forms and the offices there are.

    now: nothing can have been received later.
    """

    def __init__(
        self,
        services: Mapping[str, ServiceConfig],
        forms: Mapping[str, Form],
        offices: Mapping[str, object],
        *,
        now: datetime,
    ) -> None:
        self._services, self._forms, self._offices, self._now = services, forms, offices, now

    def check(self, line: Line) -> Application | list[LineError]:
        """Return the application that a line holds, or everything that is wrong with it."""
        try:
            values = _read_object(line)
        except _Wrong as wrong:
            return [LineError(line.number, wrong.field, str(wrong))]
        problems = dict(self._problems(values))
        errors = [LineError(line.number, field, message) for field, message in problems.items()]
        if problems.keys() & {"service", "received_at", "answers"}:
            return errors  # what an answer may be depends on the form, and on when it was received
        received_at = _read_instant(values["received_at"], self._now)
        assert isinstance(received_at, datetime), "the line was checked"
        form = self._forms[values["service"]]
        checked = form.validate(values["answers"], received_at=received_at)
        errors += [
            LineError(line.number, error.field or "answers", error.message["en"]) for error in checked.errors
        ]
        errors += [
            LineError(line.number, field.id, "An import brings no files: leave this out")
            for field in form.fields.values()
            if field.type is FieldType.UPLOAD and checked.answers.get(field.id)
        ]
        return errors or self._application(values, checked.answers, received_at)

    def _application(
        self, values: Mapping[str, Any], answers: Mapping[str, Any], received_at: datetime
    ) -> Application:
        service = values["service"]
        return Application(
            service=service,
            form_version=self._forms[service].version,
            answers=answers,
            language=answers.get("language") or "en",
            channel=Channel(values["channel"]),
            office=values["office"],
            received_at=received_at,
            reference=new_reference(service),
            match=self._services[service].match_keys(answers),
            likeness=row_of(self._services[service].likeness, answers),
            parties=rows_of(self._services[service].parties, answers),
            parties_version=version_of(self._services[service].parties),
            external_id=values["external_id"],
        )

    def _problems(self, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Yield (field, message) for each mistake in the fields of the line itself."""
        unknown = (name for name in values if name not in FIELDS)
        for name in islice(unknown, MOST_UNKNOWN):
            yield name[:LONGEST_NAME_SHOWN], "An import line has no such field; take it out"
        for name in FIELDS:
            if name not in values:
                yield name, "This field is missing"
        if "external_id" in values and not _is_id(values["external_id"]):
            yield "external_id", f"Give the sender's own id: a text of 1 to {LONGEST_ID} printed characters"
        choices = (("service", self._services), ("channel", list(Channel)), ("office", self._offices))
        for name, known in choices:
            if name in values and not (isinstance(values[name], str) and values[name] in known):
                yield name, "Give one of " + ", ".join(sorted(known))
        if "received_at" in values:
            received_at = _read_instant(values["received_at"], self._now)
            if isinstance(received_at, str):
                yield "received_at", received_at


def _read_object(line: Line) -> dict[str, Any]:
    """Return the JSON object of a line. Raises _Wrong."""
    if line.content is None:
        raise _Wrong(f"The line is longer than {LONGEST_LINE // 1024} kB")
    content = line.content.removeprefix(b"\xef\xbb\xbf") if line.number == 1 else line.content
    try:
        value = json.loads(
            content.decode("utf-8"),
            object_pairs_hook=_object,
            parse_constant=_no_number,
            parse_float=_finite,
        )
    except UnicodeDecodeError as error:
        raise _Wrong(f"The line isn't UTF-8: byte {error.start + 1} can't be read") from error
    except RecursionError as error:
        raise _Wrong("The line nests lists or objects too deeply") from error
    except json.JSONDecodeError as error:
        raise _Wrong(f"The line isn't JSON: see character {error.pos + 1}") from error
    except ValueError as error:  # a number of thousands of digits
        raise _Wrong("The line has a number that is too long") from error
    if not isinstance(value, dict):
        raise _Wrong("The line must be a JSON object, in curly brackets")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise _Wrong("This name stands there twice; which value is meant?", twice[:LONGEST_NAME_SHOWN])
    return values


def _no_number(text: str) -> NoReturn:
    raise _Wrong(f"The line isn't JSON: {text} is no number")


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise _Wrong("The line has a number that is too large")
    return number


def _is_id(value: object) -> bool:
    return (
        isinstance(value, str)
        and 0 < len(value) <= LONGEST_ID
        and value == value.strip()
        and not has_control_characters(value)
    )


def _read_instant(value: object, now: datetime) -> datetime | str:
    """Return the instant of receipt, or what is wrong with it."""
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        return "Give an instant in UTC, for example 2026-05-12T01:30:00Z"
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        return "There is no such date or time; give one that exists, for example 2026-05-12T01:30:00Z"
    if instant > now:
        return "This is in the future; give the instant at which the application was received"
    if instant < EARLIEST:
        return f"This is before {EARLIEST.year}; give the instant at which the application was received"
    return instant
