"""What replaying a service's cases needs beside the database, put together from the configuration."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from cases.standards import Standards, load_standards
from config.errors import ConfigError
from config.places import Office, Places
from config.policies import Policy
from config.registers import load_registers
from config.review import FIRST_REFERENCE
from config.services import ServiceConfig, load_services
from flows.engine.queries import Known
from flows.engine.service_flow import ServiceFlow
from flows.engine.service_flow import load_services as load_flows
from forms.compiler import load_forms
from forms.form import Form
from forms.model import Field, FieldType


@dataclass(frozen=True)
class Runtime:
    """A service ready to be run.

    fields: the ids of the form's fields. config, places: read by procedures only
    through steps. demo: whether letters must say that they are not real. known: what queries need to know
    of all services.
    """

    flow: ServiceFlow
    standards: Standards
    fields: Collection[str]
    config: ServiceConfig
    places: Places
    demo: bool = False
    known: Known = field(default_factory=Known)

    @property
    def offices(self) -> Mapping[str, Office]:
        """The offices by key."""
        return self.places.offices

    def sender(self, office: str) -> dict[str, Any]:
        """Return the facts about the sender that every letter and message has."""
        return {"office_name": self.offices[office].name, "demo": self.demo}


def load_runtimes(*, demo: bool = False, place: str = "fiji") -> dict[str, Runtime]:
    """Return every service by key, from `flows/`, `forms/` and `config/`.

    Raises ConfigError, with file, key and what was expected, for a mistake in any of them, or for a
    service that lacks one of the three.
    """
    configs, forms, flows = load_services(), load_forms(), load_flows()
    standards, places = load_standards(configs, place)
    for key in sorted({*configs, *forms, *flows}):
        _require_complete(key, configs, forms, flows)
        _require_standards(configs[key])
        _require_fields(standards.policies[key], forms[key].fields)
        check_party_fields(configs[key], forms[key])
        check_review(configs[key], forms)
    known = Known({key: config.holding for key, config in configs.items()}, load_registers(place))
    return {
        key: Runtime(flow, standards, frozenset(forms[key].fields), configs[key], places, demo, known)
        for key, flow in flows.items()
    }


def _require_complete(
    key: str, configs: Mapping[str, Any], forms: Mapping[str, Any], flows: Mapping[str, Any]
) -> None:
    stem = key.replace("-", "_")
    for known, file in (
        (configs, f"config/services/{stem}.toml"),
        (forms, f"forms/{stem}.yaml"),
        (flows, f"flows/{stem}.py"),
    ):
        if key not in known:
            raise ConfigError(file, "(file)", f"the service {key!r}, which has other files, to have this one")


def _require_fields(policy: Policy, fields: Collection[str]) -> None:
    for told in policy.tells:
        if told not in fields:
            raise ConfigError(policy.file, "tells", "fields of the service's form", repr(told))


def _require_standards(config: ServiceConfig) -> None:
    for step in config.steps.values():
        if step.role is not None and step.sla is None:
            expected = "a service standard, because the inbox is ordered by deadline"
            raise ConfigError(config.file, f"steps.{step.key}.sla", expected)


def check_party_fields(config: ServiceConfig, form: Form) -> None:
    """Raise ConfigError for a role in `[parties]` that names a field which the form doesn't have."""
    for role in config.parties.values():
        at, fields = f"parties.{role.key}", dict(form.fields)
        if role.group is not None:
            group = fields[role.group].group if role.group in fields else None
            if group is None:
                raise ConfigError(
                    config.file, f"{at}.group", "a repeating group of the form", repr(role.group)
                )
            fields = {field.id: field for field in group.fields}
        for key, name in role.fields.items():
            _require_field(config.file, f"{at}.{key}", fields.get(name), name, is_date=key == "birth_date")


def check_review(config: ServiceConfig, forms: Mapping[str, Form]) -> None:
    """Raise ConfigError for a `[review]` by a service that there isn't, or whose form can't name the case."""
    if config.review is None:
        return
    form = forms.get(config.review.service)
    if form is None:
        raise ConfigError(config.file, "review.service", "one of the services " + ", ".join(sorted(forms)))
    if FIRST_REFERENCE not in form.fields:
        expected = f"a service whose form has the field {FIRST_REFERENCE}"
        raise ConfigError(config.file, "review.service", expected, repr(config.review.service))


def _require_field(file: str, key: str, found: Field | None, name: str, *, is_date: bool) -> None:
    if found is None or found.type in (FieldType.GROUP, FieldType.UPLOAD):
        raise ConfigError(file, key, "a field of the form", repr(name))
    if is_date and found.type is not FieldType.DATE:
        raise ConfigError(file, key, "a field of type date", repr(name))
