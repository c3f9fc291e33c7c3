"""Checking answers against the fields of a form, in the form's order.

Conditions and rules only name earlier fields (the compiler sees to it), so one pass is enough: when a field's
turn comes, all that it depends on is known to be answered, empty or wrong.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from config.words import Words
from forms.conditions import Facts, holds
from forms.model import Checked, Field, FieldError, FieldType, Group, IfHidden, OneOf
from forms.values import Answer, Item
from forms.words import NOT_ANSWERS, UNKNOWN_FIELD

MOST_UNKNOWN_FIELDS = 20
LONGEST_UNKNOWN_NAME = 100


class Place(NamedTuple):
    """Where a field stands: by itself, or within an item of a group."""

    name: str = ""
    """What precedes its name in errors, as in corrections[2].should_be."""
    anchor: str = ""
    """What precedes its id on a page, as in corrections-2-should_be."""
    item: Words | None = None
    number: int = 0


NOT_IN_A_GROUP = Place()


def place_of_item(group_id: str, number: int, item: Words | None = None) -> Place:
    """Return where the fields of a group's item stand; items are counted from 1."""
    return Place(f"{group_id}[{number}].", f"{group_id}-{number}-", item, number)


def field_of(name: str | None) -> str | None:
    """Return the field of the form that an error's field belongs to: the group, for what is in one."""
    return name and name.partition("[")[0]


def check_all(fields: Mapping[str, Field], raw: object, received: date) -> Checked:
    """Check a whole application. Returns an answer for every field without an error."""
    if not isinstance(raw, Mapping):
        return Checked({}, [FieldError(None, NOT_ANSWERS, "not_answers")])
    facts = Facts({}, set(), received)
    errors = check_fields(fields.values(), raw, facts)
    errors += _unknown_fields(fields, raw, NOT_IN_A_GROUP)
    return Checked(dict(facts.answers), errors)


def check_fields(
    fields: Iterable[Field], raw: Mapping[str, object], facts: Facts, place: Place = NOT_IN_A_GROUP
) -> list[FieldError]:
    """Check some fields in order, entering each into `facts` as answered or wrong. Returns the errors."""
    errors: list[FieldError] = []
    for field in fields:
        answer, problem, message = _check_field(field, raw.get(field.id), facts)
        found: list[FieldError] | None = None
        if field.group is not None and problem is None and isinstance(answer, list) and answer:
            answer, found = _check_items(field, field.group, answer, facts)
        if problem is None and not found:
            facts.answers[field.id] = answer
            problem, message = _broken_rule(field, answer, facts)
        if problem is not None:
            found = [_error(field, problem, message, place)]
        if found:
            facts.wrong.add(field.id)
            facts.answers.pop(field.id, None)
            errors += found
        if field.one_of is not None:
            errors += _check_one_of(field.one_of, field.id, facts)
    return errors


def _check_items(
    field: Field, group: Group, items: Iterable[object], facts: Facts
) -> tuple[Answer, list[FieldError]]:
    """Check the items of a group, each as if it stood after the answers so far."""
    raw = [item for item in items if isinstance(item, Mapping)]
    if not group.at_least <= len(raw) <= group.at_most:
        problem = "too_few" if len(raw) < group.at_least else "too_many"
        return None, [_error(field, problem, None, NOT_IN_A_GROUP)]
    checked: list[Item] = []
    errors: list[FieldError] = []
    known = {inner.id: inner for inner in group.fields}
    for number, item in enumerate(raw, start=1):
        place = place_of_item(field.id, number, group.item)
        within = Facts(dict(facts.answers), set(facts.wrong), facts.received)
        errors += check_fields(group.fields, item, within, place)
        errors += _unknown_fields(known, item, place)
        checked.append({name: within.answers.get(name) for name in known})
    return checked, errors


def _check_one_of(one_of: OneOf, reached: str, facts: Facts) -> list[FieldError]:
    """Check that one of some fields is answered, as soon as the last that is asked has been reached.

    Where one of them is wrong in itself, that is error enough.
    """
    asked = [name for name, show_if in one_of.fields.items() if show_if is None or holds(show_if, facts)]
    if asked[-1:] != [reached] or not facts.wrong.isdisjoint(one_of.fields):
        return []
    answered = [name for name in asked if facts.answers.get(name) not in (None, [])]
    if not answered:
        wrong, message = asked[0], one_of.missing
    elif len(answered) > 1 and one_of.too_many is not None:
        wrong, message = answered[1], one_of.too_many
    else:
        return []
    facts.wrong.add(wrong)
    facts.answers.pop(wrong, None)
    return [FieldError(wrong, message, "one_of", wrong)]


def _check_field(field: Field, raw: object, facts: Facts) -> tuple[Answer, str | None, Words | None]:
    answer, problem = field.check(raw)
    shown = is_shown(field, facts)
    if shown is False and field.if_hidden is IfHidden.REFUSE:
        # "no" where nothing was asked claims nothing
        claims = problem is not None or (answer != field.nothing and answer is not False)
        return field.nothing, "not_asked" if claims else None, None
    if problem is None and answer == field.nothing:
        answer = _filled(field, facts)
        if answer == field.nothing and shown and is_required(field, facts):
            problem = "required"
    return answer, problem, None


def is_shown(field: Field, facts: Facts) -> bool | None:
    """Say whether a field is asked; None if that depends on a wrong answer."""
    return True if field.show_if is None else holds(field.show_if, facts)


def is_required(field: Field, facts: Facts) -> bool:
    """Say whether a field that is shown must be answered."""
    return field.required or (field.required_if is not None and holds(field.required_if, facts) is True)


def _filled(field: Field, facts: Facts) -> Answer:
    for source in field.fill_from:
        if holds(source.condition, facts):
            return facts.answers.get(source.field, field.nothing)
    return field.nothing


def _broken_rule(field: Field, answer: Answer, facts: Facts) -> tuple[str | None, Words | None]:
    if field.rules and answer != field.nothing:
        for rule in field.rules:
            if rule.broken(answer, facts):
                return "rule", rule.message
    return None, None


_DATE_PARTS = {"no_month": "month", "no_year": "year", "short_year": "year"}


def _error(field: Field, problem: str, message: Words | None, place: Place) -> FieldError:
    part = f"-{_DATE_PARTS.get(problem, 'day')}" if field.type is FieldType.DATE else ""
    anchor = f"{place.anchor}{field.id}{part}"
    message = message or field.messages[problem]
    return FieldError(place.name + field.id, message, problem, anchor, place.item, place.number)


def _unknown_fields(fields: Mapping[str, Field], raw: Mapping[str, object], place: Place) -> list[FieldError]:
    if raw.keys() <= fields.keys():
        return []
    names = [str(name)[:LONGEST_UNKNOWN_NAME] for name in raw if name not in fields]
    return [FieldError(place.name + name, UNKNOWN_FIELD, "unknown") for name in names[:MOST_UNKNOWN_FIELDS]]


def still_asked(fields: Mapping[str, Field], answers: Mapping[str, object], received: date) -> Facts:
    """Return the answers that count: known fields, shown for these answers, with values they can have.

    Whoever changes an earlier answer thereby takes back what was asked because of it.
    """
    facts = Facts({}, set(), received)
    for field in fields.values():
        if field.id in answers and is_shown(field, facts):
            answer, problem = field.check(answers[field.id])
            if problem is None:
                facts.answers[field.id] = _items_still_asked(field, answer, facts)
    return facts


def _items_still_asked(field: Field, answer: Answer, facts: Facts) -> Answer:
    """Return the items of a group, each with those of its answers that count; other answers as they are."""
    if field.group is None or not isinstance(answer, list):
        return answer
    asked = [inner for inner in field.group.fields if is_shown(inner, facts)]
    return [
        {
            inner.id: checked[0]
            for inner in asked
            if inner.id in item and (checked := inner.check(item[inner.id]))[1] is None
        }
        for item in answer
        if isinstance(item, Mapping)
    ]


def carried_over(
    fields: Mapping[str, Field], answers: Mapping[str, object], place: Place = NOT_IN_A_GROUP
) -> tuple[dict[str, Answer], list[str]]:
    """Return the answers of fields that are still there and still take them, and the names of the others."""
    kept: dict[str, Answer] = {}
    dropped: list[str] = []
    for name, value in answers.items():
        field = fields.get(name)
        answer, problem = field.check(value) if field else (None, "unknown")
        if field is None or problem is not None:
            dropped.append(place.name + name)
            continue
        kept[name] = answer
        if field.group is not None and isinstance(answer, list):
            inner = {within.id: within for within in field.group.fields}
            items = [item for item in answer if isinstance(item, Mapping)]
            carried = [
                carried_over(inner, item, place_of_item(name, number))
                for number, item in enumerate(items, start=1)
            ]
            kept[name] = [item for item, _ in carried]
            dropped += [lost for _, names in carried for lost in names]
    return kept, dropped


def as_asked(field: Field, facts: Facts) -> Field:
    """Return a field that is shown: a group with only those of its fields that are asked."""
    if field.group is None:
        return field
    asked = tuple(inner for inner in field.group.fields if is_shown(inner, facts))
    if len(asked) == len(field.group.fields):
        return field
    return replace(field, group=replace(field.group, fields=asked))
