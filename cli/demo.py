"""The accounts of a demonstration. They exist in demo mode only, and everybody knows their passwords."""

from __future__ import annotations

from typing import NamedTuple

from config.demo import demo_password


class Account(NamedTuple):
    """A member of staff of the demonstration; office None means every office, a facility's key a facility."""

    username: str
    name: str
    role: str
    office: str | None

    @property
    def password(self) -> str:
        """The password, which the sign-in page of a demonstration tells as well."""
        return demo_password(self.username)


ACCOUNTS = (
    Account("mere", "Mere Tukana", "registrar", "suva"),
    Account("ravi", "Ravi Prasad", "registrar", "lautoka"),
    Account("luisa", "Luisa Naivalu", "clerk", "suva"),
    Account("vani", "Vani Ratulevu", "registrar-general", None),
    Account("asha", "Asha Devi", "facility-officer", "cwm-hospital"),
    Account("sela", "Sela Qalo", "supervisor", None),
    Account("adi", "Adi Koroi", "administrator", None),
)
