"""Checking answers against the fields of a form, in the form's order.

Conditions and rules only name earlier fields (the compiler sees to it), so one pass is enough: when a field's
turn comes, all that it depends on is known to be answered, empty or wrong.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from config.words import Words
from forms.conditions import Facts, holds
from forms.model import Checked, Field, FieldError, FieldType, IfHidden
from forms.values import Answer
from forms.words import NOT_ANSWERS, UNKNOWN_FIELD

MOST_UNKNOWN_FIELDS = 20
LONGEST_UNKNOWN_NAME = 100


def check_all(fields: Mapping[str, Field], raw: object, received: date) -> Checked:
    """Check a whole application. Returns an answer for every field without an error."""
    if not isinstance(raw, Mapping):
        return Checked({}, [FieldError(None, NOT_ANSWERS, "not_answers")])
    facts = Facts({}, set(), received)
    errors = check_fields(fields.values(), raw, facts)
    errors += _unknown_fields(fields, raw)
    return Checked(dict(facts.answers), errors)


def check_fields(fields: Iterable[Field], raw: Mapping[str, object], facts: Facts) -> list[FieldError]:
    """Check some fields in order, entering each into `facts` as answered or wrong. Returns the errors."""
    errors: list[FieldError] = []
    for field in fields:
        answer, problem, message = _check_field(field, raw.get(field.id), facts)
        if problem is None:
            facts.answers[field.id] = answer
            problem, message = _broken_rule(field, answer, facts)
        if problem is not None:
            facts.wrong.add(field.id)
            facts.answers.pop(field.id, None)
            errors.append(_error(field, problem, message))
    return errors


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
    if answer != field.nothing:
        for rule in field.rules:
            if rule.broken(answer, facts):
                return "rule", rule.message
    return None, None


_DATE_PARTS = {"no_month": "month", "no_year": "year", "short_year": "year"}


def _error(field: Field, problem: str, message: Words | None) -> FieldError:
    part = f"-{_DATE_PARTS.get(problem, 'day')}" if field.type is FieldType.DATE else ""
    return FieldError(field.id, message or field.messages[problem], problem, field.id + part)


def _unknown_fields(fields: Mapping[str, Field], raw: Mapping[str, object]) -> list[FieldError]:
    if raw.keys() <= fields.keys():
        return []
    names = [str(name)[:LONGEST_UNKNOWN_NAME] for name in raw if name not in fields]
    return [FieldError(name, UNKNOWN_FIELD, "unknown") for name in names[:MOST_UNKNOWN_FIELDS]]


def still_asked(fields: Mapping[str, Field], answers: Mapping[str, object], received: date) -> Facts:
    """Return the answers that count: known fields, shown for these answers, with values they can have.

    Whoever changes an earlier answer thereby takes back what was asked because of it.
    """
    facts = Facts({}, set(), received)
    for field in fields.values():
        if field.id in answers and is_shown(field, facts):
            answer, problem = field.check(answers[field.id])
            if problem is None:
                facts.answers[field.id] = answer
    return facts
