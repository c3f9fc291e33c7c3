"""Staff and their passwords, applicants and their PINs, and how wrong tries are slowed down."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from cases.errors import Conflict, NotFound, Refused, TooManyAttempts
from cases.models import Attempt, Case, Staff
from cases.permissions import Actor
from cases.vocabulary import Role
from config.places import Places

FREE_TRIES = 5
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=1)
FORGET_AFTER = timedelta(days=1)
PIN_LENGTH = 6
CODE_LENGTH = 12
MIN_PASSWORD = 12

_hasher = PasswordHasher()  # Argon2id at the library's defaults
_USERNAME = re.compile(r"[a-z][a-z0-9._-]{1,62}")


@dataclass(frozen=True, slots=True)
class StaffMember:
    """A member of staff as the web and the permissions need them."""

    id: int
    username: str
    name: str
    role: str
    office: str | None
    session_epoch: int

    @property
    def actor(self) -> Actor:
        """This person as the actor of a verb."""
        return Actor(self.username, role=self.role, office=self.office, full_name=self.name)


def add_staff(
    connection: Connection,
    *,
    username: str,
    name: str,
    role: str,
    office: str | None,
    password: str,
    now: datetime,
    demo: bool = False,
) -> StaffMember:
    """Add a member of staff.

    Raises Refused for a bad username or a short password, Conflict for a username that is taken.
    """
    if not _USERNAME.fullmatch(username):
        raise Refused("a username has 2 to 63 small letters, digits, dots, dashes; it starts with a letter")
    if len(password) < MIN_PASSWORD:
        raise Refused(f"a password has at least {MIN_PASSWORD} characters")
    if connection.execute(select(Staff.id).where(Staff.username == username)).first():
        raise Conflict(f"there is a {username} already")
    connection.execute(
        insert(Staff).values(
            username=username,
            name=name.strip() or username,
            role=role,
            office=office,
            password_hash=_hasher.hash(password),
            active=True,
            demo=demo,
            session_epoch=0,
            created_at=now,
        )
    )
    return staff_by_username(connection, username)


def check_workplace(places: Places, role: str, office: str | None) -> None:
    """Raise Refused unless somebody with this role may work there: a facility officer at a facility of the
    places, everybody else at an office or (None) for all of them."""
    if role == Role.FACILITY_OFFICER:
        if office not in places.facilities:
            raise Refused(f"a facility officer belongs to one of {', '.join(places.facilities)}")
    elif office is not None and office not in places.offices:
        raise Refused(f"there is no office {office}; there are {', '.join(places.offices)}")


def staff_by_username(connection: Connection, username: str) -> StaffMember:
    """Return an active member of staff. Raises NotFound."""
    row = connection.execute(select(Staff).where(Staff.username == username, Staff.active)).one_or_none()
    if row is None:
        raise NotFound("no such member of staff")
    return _member(row)


def all_staff(connection: Connection) -> list[Any]:
    """Return every member of staff as rows (username, name, role, office, active, demo), by username."""
    columns = (Staff.username, Staff.name, Staff.role, Staff.office, Staff.active, Staff.demo)
    return list(connection.execute(select(*columns).order_by(Staff.username)))


def deactivate_staff(connection: Connection, *, username: str) -> None:
    """Let somebody sign in no more, and end their sessions. Raises NotFound."""
    changed = connection.execute(
        update(Staff)
        .where(Staff.username == username)
        .values(active=False, session_epoch=Staff.session_epoch + 1)
    )
    if changed.rowcount == 0:
        raise NotFound("no such member of staff")


def change_password(connection: Connection, *, username: str, password: str) -> StaffMember:
    """Give somebody another password and end all their sessions; return them with the new epoch.

    The caller has checked the old one. Raises NotFound, and Refused for a short password.
    """
    if len(password) < MIN_PASSWORD:
        raise Refused(f"a password has at least {MIN_PASSWORD} characters")
    connection.execute(
        update(Staff)
        .where(Staff.username == username, Staff.active)
        .values(password_hash=_hasher.hash(password), session_epoch=Staff.session_epoch + 1)
    )
    return staff_by_username(connection, username)


def has_demo_staff(connection: Connection) -> bool:
    """Whether any demo account exists. A live installation refuses to start with one."""
    return bool(connection.execute(select(func.count()).where(Staff.demo)).scalar_one())


def check_password(connection: Connection, *, username: str, password: str) -> StaffMember | None:
    """Return the member of staff whose password this is, else None. Takes as long for an unknown name.

    The caller counts tries with `check_tries`, `count_wrong_try` and `forget_tries`.
    """
    row = connection.execute(select(Staff).where(Staff.username == username, Staff.active)).one_or_none()
    try:
        _hasher.verify(row.password_hash if row else _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return None
    return _member(row) if row else None


_NOBODY = _hasher.hash("nobody has this password")


def _member(row: Any) -> StaffMember:
    return StaffMember(row.id, row.username, row.name, row.role, row.office, row.session_epoch)


# -- applicants ------------------------------------------------------------------------------------


def pin_for(secret: str, client_key: str) -> str:
    """Return the PIN (six digits) of a submission. The same key gives the same PIN, so that a second
    click on "send" shows what the first did."""
    return _digits(secret, f"pin:{client_key}", PIN_LENGTH)


def code_for(secret: str, client_key: str) -> str:
    """Return the code ("4821 0937 5526") with which somebody comes back to a submission that isn't sent
    yet. Digits alone: they are read aloud and typed in every language and on every phone."""
    digits = _digits(secret, f"code:{client_key}", CODE_LENGTH)
    return " ".join(digits[start : start + 4] for start in range(0, CODE_LENGTH, 4))


def _digits(secret: str, what: str, length: int) -> str:
    number = hmac.new(secret.encode(), what.encode(), hashlib.sha256).digest()
    return str(int.from_bytes(number[:8], "big") % 10**length).zfill(length)


def code_digest(secret: str, code: str) -> str:
    """Return what is stored of the code of a draft, however its digits are spaced."""
    plain = "".join(code.split())
    return hmac.new(secret.encode(), f"draft:{plain}".encode(), hashlib.sha256).hexdigest()


def pin_digest(secret: str, reference: str, pin: str) -> str:
    """Return what is stored of a PIN: an HMAC under the installation's secret key.

    Six digits are too few for any hash to protect by itself; the key and the counted tries do that.
    """
    return hmac.new(secret.encode(), f"{reference}:{pin}".encode(), hashlib.sha256).hexdigest()


def normalise_reference(typed: str) -> str:
    """Return a reference as it is stored, from how people type it ("br 7k3f9m2qx")."""
    plain = re.sub(r"[^A-Z0-9]", "", typed.upper())[:40]
    head, tail = plain[:-9], plain[-9:]
    return f"{head}-{tail[:3]}-{tail[3:6]}-{tail[6:]}" if head else plain


def pin_mark(connection: Connection, case_id: int) -> str | None:
    """Return a mark of a case's PIN, which changes with it and says nothing about it; None without a PIN."""
    stored = connection.execute(select(Case.pin_digest).where(Case.id == case_id)).scalar_one_or_none()
    return stored[:16] if stored else None


def case_for_pin(connection: Connection, *, secret: str, reference: str, pin: str) -> int | None:
    """Return the id of the case that this reference and PIN open, else None; both take the same time."""
    row = connection.execute(
        select(Case.id, Case.pin_digest).where(Case.reference == reference)
    ).one_or_none()
    expected = (row.pin_digest if row else None) or pin_digest(secret, "nobody", "nothing")
    right = hmac.compare_digest(expected, pin_digest(secret, reference, pin))
    return row.id if row and right else None


# -- slowing down ----------------------------------------------------------------------------------


def try_key(what: str, name: str) -> str:
    """Return the key under which tries are counted, e.g. ("pin", reference) or ("password", username)."""
    return hashlib.sha256(f"{what}:{name}".encode()).hexdigest()


def check_tries(connection: Connection, key: str, *, now: datetime) -> None:
    """Raise TooManyAttempts while `key` has to wait."""
    until = connection.execute(select(Attempt.blocked_until).where(Attempt.key == key)).scalar_one_or_none()
    if until is not None and until > now:
        raise TooManyAttempts("too many wrong tries", until=until)


def count_wrong_try(connection: Connection, key: str, *, now: datetime) -> None:
    """Count a wrong try. After five, the pause starts at 30 s and doubles up to an hour."""
    dialect: Any = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(Attempt).values(key=key, count=1, last_at=now)
    count = connection.execute(
        statement.on_conflict_do_update(
            index_elements=["key"], set_={"count": Attempt.count + 1, "last_at": now}
        ).returning(Attempt.count)
    ).scalar_one()
    if count >= FREE_TRIES:
        pause = min(FIRST_PAUSE * 2 ** min(count - FREE_TRIES, 20), LONGEST_PAUSE)
        connection.execute(update(Attempt).where(Attempt.key == key).values(blocked_until=now + pause))


def forget_tries(connection: Connection, key: str) -> None:
    """Forget the wrong tries after a right one."""
    connection.execute(delete(Attempt).where(Attempt.key == key))


def forget_old_tries(connection: Connection, *, now: datetime) -> int:
    """Delete counts whose last try was a day ago; return how many."""
    return connection.execute(delete(Attempt).where(Attempt.last_at < now - FORGET_AFTER)).rowcount
