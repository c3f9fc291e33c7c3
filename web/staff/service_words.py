"""What a service's names and values are called, as officers read them: from its forms, facts and steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from config.criteria import Basis
from config.rates import Unit
from config.services import ServiceConfig
from config.shown import ShownWords
from forms.form import Form
from web.languages import say_date, say_moment

BASES = {
    Basis.LAW: "Law",
    Basis.POLICY: "Practice of the department",
    Basis.DEMONSTRATION: "Made up for the demonstration",
}


class Words:
    """Names and values of a service in words: those of its forms, its facts, what it shows, its steps.

    task_forms: what officers fill in with its decisions. A name of the service's own form goes first.
    others: returns the words of another service by its key (None for none), for what is told of other cases.
    """

    def __init__(
        self,
        config: ServiceConfig,
        form: Form,
        task_forms: Iterable[Form] = (),
        others: Callable[[str], Words | None] = lambda _service: None,
    ) -> None:
        self._config = config
        self._forms = {name: each for each in (*task_forms, form) for name in each.fields}
        self._form = form
        self._others = others

    def of(self, service: str) -> Words | None:
        """Return the words of a service, this or another; None for one that there isn't."""
        return self if service == self._config.key else self._others(service)

    @property
    def service(self) -> str:
        """The title of the service."""
        return self._config.title["en"]

    def named(self, name: str, within: str = "") -> str | None:
        """Return what something is called that `within` holds; None where no file of the service says so."""
        if shown := self._shown(name, within):
            return shown.title["en"]
        if name in self._forms:
            return self._forms[name].fields[name].short["en"]
        return self._config.facts[name].label["en"] if name in self._config.facts else None

    def label(self, name: str, within: str = "") -> str:
        """Return what something is called; its key as words where no file says so."""
        return self.named(name, within) or plainly(name)

    def title(self, name: str) -> str:
        """Return what a piece of evidence is called: as the service says, else as its step."""
        step = self._config.steps.get(name.replace("_", "-"))
        return step.title["en"] if step and name not in self._config.shown else self.label(name)

    def value(self, name: str, value: Any, within: str = "") -> str:
        """Return a value in words: as the service says it, else by its type. "" stands for nothing."""
        shown = self._shown(name, within)
        if shown and isinstance(value, str) and value in shown.values:
            return shown.values[value]["en"]
        if name in self._forms:
            try:
                return self._forms[name].display(name, value, "en")
            except (TypeError, ValueError, KeyError, AttributeError):
                pass  # something else under the same name
        return by_type(value)

    def ending(self, key: str) -> str:
        """Return in words how a case ended, or that it is open."""
        known = self._config.outcomes.get(key)
        return known.title["en"] if known else plainly(key)

    def _shown(self, name: str, within: str) -> ShownWords | None:
        shown = self._config.shown
        return shown.get(f"{within}_{name}") or shown.get(name)

    def criterion(self, key: str) -> str:
        """Return the title of a criterion."""
        known = self._config.criteria.get(key)
        return known.title["en"] if known else plainly(key)

    def rule(self, key: str) -> dict[str, str] | None:
        """Return the rule of a criterion: its text, what it rests on, and where it was read."""
        known = self._config.criteria.get(key)
        if known is None:
            return None
        uncertain = known.basis is not Basis.DEMONSTRATION and not known.provenance.confirmed
        basis = BASES[known.basis] + (", not confirmed" if uncertain else "")
        return {"text": known.rule["en"], "basis": basis, "source": known.provenance.source}

    def fact(self, name: str, value: Any) -> str:
        """Return the value of a fact in words: as `[facts]` says it, else as the form or its type does."""
        known = self._config.facts.get(name)
        said = known.said(value) if known else None
        if said:
            return ", ".join(each["en"] for each in said)
        if value == []:
            return "None"
        if known and known.unit and isinstance(value, int | float | str) and not isinstance(value, bool):
            return amount(value, known.unit)
        return self.value(name, value)

    def party(self, role: str) -> str:
        """Return what people in a role are called."""
        known = self._config.parties.get(role)
        return known.title["en"] if known and known.title else plainly(role)

    def reason(self, key: str) -> str:
        """Return the title of a reason for refusing."""
        known = self._config.reasons.get(key)
        return known.title["en"] if known else plainly(key)

    def answers(self, answers: Mapping[str, Any], received_at: datetime) -> list[Any]:
        """Return the answers of an application as its form lists them: (page, rows) pairs."""
        return list(self._form.summary(answers, "en", received_at=received_at))

    def outcome(self, name: str, key: str) -> str:
        """Return in words how a step was decided."""
        step = self._config.steps.get(name.replace("_", "-"))
        known = step.outcomes.get(key) if step else None
        return known.choose["en"] if known and known.choose else plainly(key)


def plainly(name: str) -> str:
    """Return a key as words: "late-fee" as "Late fee"."""
    words = name.replace("_", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:]


def by_type(value: Any) -> str:
    """Return a value of JSON in words. ISO dates and instants are written as people do."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list):
        return ", ".join(by_type(each) for each in value)
    if is_rate(value):
        return _rate(value)
    if isinstance(value, Mapping):
        return "; ".join(
            f"{plainly(name)}: {by_type(each)}" for name, each in value.items() if each is not None
        )
    return _when(value) if isinstance(value, str) else str(value)


def is_rate(value: Any) -> bool:
    """Whether a value is a dated row of a rate, as a rule records it."""
    return isinstance(value, Mapping) and {"value", "unit", "valid_from", "source"} <= value.keys()


def _rate(rate: Mapping[str, Any]) -> str:
    """Return a dated row in words, with how well it is known: who decides must see that it isn't certain."""
    known = "confirmed" if rate.get("confirmed") else "not confirmed"
    counted = amount(rate["value"], rate["unit"])
    return f"{counted}, since {_when(rate['valid_from'])} ({known}: {rate['source']})"


def amount(value: int | float | str, unit: str) -> str:
    """Return a number with what it is counted in; what isn't a number as it is."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    if unit == Unit.FJD:
        return f"${number:,.2f}"
    if unit == Unit.PERCENT:
        return f"{value} %"
    return f"{value} {unit.removesuffix('s') if number == 1 else unit}"


def _when(text: str) -> str:
    try:
        return (
            say_date(date.fromisoformat(text))
            if len(text) == 10
            else say_moment(datetime.fromisoformat(text))
        )
    except ValueError:
        return text
