"""The words of a service's criteria, what their rules rest on, and how well those are known."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from config.reading import Provenance, Table, read_provenance
from config.words import Words, read_words


class Basis(StrEnum):
    """What a rule rests on. `demonstration`: made up to show the platform; no office goes by it."""

    LAW = "law"
    POLICY = "policy"
    DEMONSTRATION = "demonstration"


@dataclass(frozen=True, slots=True)
class CriterionWords:
    """A criterion: `title` for lists; to the applicant the `rule`, what it means that it is `met` (None where
    that says itself), `not_met` or `not_proven`, and the `remedy`, which would change that. (`not_met` left
    out: as `not_proven`.)

    Unless it `may_be_told`, the rule must not be told to an applicant: it isn't known to be one.
    """

    key: str
    title: Words
    rule: Words
    basis: Basis
    met: Words | None
    not_met: Words
    not_proven: Words
    remedy: Words
    provenance: Provenance

    def found(self, standing: str) -> Words | None:
        """What a standing means; None where its name says all."""
        return {"met": self.met, "not-met": self.not_met}.get(standing, self.not_proven)

    @property
    def may_be_told(self) -> bool:
        """Whether an applicant may be told the rule: it is confirmed, or told as the demonstration it is."""
        return self.provenance.confirmed or self.basis is Basis.DEMONSTRATION


def read_criteria(top: Table, languages: Collection[str]) -> Mapping[str, CriterionWords]:
    """The `criteria` of a service file by key. Raises ConfigError."""
    return {key: _criterion(key, table, languages) for key, table in top.tables("criteria").items()}


def _criterion(key: str, table: Table, languages: Collection[str]) -> CriterionWords:
    table.only(
        *("title", "rule", "basis", "met", "not_met", "not_proven", "remedy"),
        *("source", "standing", "confirmed"),
    )
    basis, provenance = table.choice("basis", Basis), read_provenance(table)
    if basis is Basis.DEMONSTRATION and provenance.confirmed:
        raise table.wrong("basis", "law or policy, since the rule is confirmed")
    not_proven = read_words(table, "not_proven", languages)
    return CriterionWords(
        key=key,
        title=read_words(table, "title", languages),
        rule=read_words(table, "rule", languages),
        basis=basis,
        met=read_words(table, "met", languages) if table.has("met") else None,
        not_met=read_words(table, "not_met", languages) if table.has("not_met") else not_proven,
        not_proven=not_proven,
        remedy=read_words(table, "remedy", languages),
        provenance=provenance,
    )
