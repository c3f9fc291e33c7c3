"""The GOV.UK macros as functions for our templates: `govuk.button({"text": _("Continue")})`.

The macros look for parameters that mostly aren't given, so they live in an environment of their own:
ours raises on anything undefined. A None among the parameters is left out, else a macro prints "None".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, PrefixLoader, select_autoescape
from markupsafe import Markup

_environment = Environment(
    loader=PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
    autoescape=select_autoescape(("html",)),
    trim_blocks=True,
    lstrip_blocks=True,
)


def given(value: Any) -> Any:
    """Return parameters without what is None, at any depth."""
    if isinstance(value, Mapping):
        return {key: given(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [given(item) for item in value if item is not None]
    return value


@cache
def _macro(name: str) -> Callable[[Any], Markup]:
    words = name.split("_")
    template = _environment.get_template(f"govuk_frontend_jinja/components/{'-'.join(words)}/macro.html")
    macro: Callable[[Any], Markup] = getattr(template.module, "govuk" + "".join(map(str.capitalize, words)))
    return macro


class Components:
    """`components.error_summary(params)` calls the macro govukErrorSummary."""

    def __getattr__(self, name: str) -> Callable[[Mapping[str, Any]], Markup]:
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda params: _macro(name)(given(params))


components = Components()
