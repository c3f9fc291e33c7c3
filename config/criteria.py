"""The words of a service's criteria, and how well their rules are known."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from config.reading import Provenance, Table, read_provenance
from config.words import Words, read_words


@dataclass(frozen=True, slots=True)
class CriterionWords:
    """A criterion: `title` for lists; to the applicant the `rule`, what it means that it is `not_met` or
    `not_proven`, and the `remedy`, which would change that. (`not_met` left out: as `not_proven`.)

    Unless `provenance.confirmed`, the rule must not be told to an applicant as law.
    """

    key: str
    title: Words
    rule: Words
    not_met: Words
    not_proven: Words
    remedy: Words
    provenance: Provenance

    def found(self, standing: str) -> Words:
        """What a standing other than met means."""
        return self.not_met if standing == "not-met" else self.not_proven


def read_criteria(top: Table, languages: Collection[str]) -> Mapping[str, CriterionWords]:
    """The `criteria` of a service file by key. Raises ConfigError."""
    return {key: _criterion(key, table, languages) for key, table in top.tables("criteria").items()}


def _criterion(key: str, table: Table, languages: Collection[str]) -> CriterionWords:
    table.only("title", "rule", "not_met", "not_proven", "remedy", "source", "standing", "confirmed")
    not_proven = read_words(table, "not_proven", languages)
    return CriterionWords(
        key=key,
        title=read_words(table, "title", languages),
        rule=read_words(table, "rule", languages),
        not_met=read_words(table, "not_met", languages) if table.has("not_met") else not_proven,
        not_proven=not_proven,
        remedy=read_words(table, "remedy", languages),
        provenance=read_provenance(table),
    )
