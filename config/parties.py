"""People whom an application names, in their roles: cases with the same people are found (`[parties]`)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256

from config.reading import Table
from config.words import Words, read_words


@dataclass(frozen=True, slots=True)
class PartyRole:
    """Where a form asks for people in this role.

    name, birth_date, number: fields of the form (or None); of the items of `group`, a repeating group, where
    there is one. title: what the role is called on an officer's page, or None.
    """

    key: str
    name: str
    birth_date: str | None
    number: str | None
    group: str | None
    title: Words | None

    @property
    def fields(self) -> dict[str, str]:
        """The fields named, by the key that names them; the group isn't among them."""
        named = {"name": self.name, "birth_date": self.birth_date, "number": self.number}
        return {key: field for key, field in named.items() if field is not None}


Parties = Mapping[str, PartyRole]
"""The roles of a service by key."""


def read_parties(top: Table, languages: Collection[str]) -> Parties:
    """Read `[parties]`; none where the file has none. Raises ConfigError."""
    return {key: _role(key, table, languages) for key, table in top.tables("parties").items()}


def read_holding(top: Table, outcomes: Collection[str]) -> tuple[str, ...]:
    """Read `holding`: the outcomes after which a closed case still counts. Raises ConfigError."""
    holding = top.texts("holding")
    for outcome in holding:
        if outcome not in outcomes:
            raise top.wrong("holding", "some of the outcomes " + ", ".join(outcomes), repr(outcome))
    return holding


def digest_of(parties: Parties) -> str:
    """Return a short digest that changes when other fields are named."""
    told = [(role.key, role.name, role.birth_date, role.number, role.group) for role in parties.values()]
    return sha256(repr(sorted(told, key=repr)).encode()).hexdigest()[:12]


def _role(key: str, table: Table, languages: Collection[str]) -> PartyRole:
    table.only("name", "birth_date", "number", "group", "title")
    return PartyRole(
        key=key,
        name=table.text("name"),
        birth_date=table.text("birth_date") if table.has("birth_date") else None,
        number=table.text("number") if table.has("number") else None,
        group=table.text("group") if table.has("group") else None,
        title=read_words(table, "title", languages) if table.has("title") else None,
    )
