"""The settings of one installation, read once from the environment and never changed."""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from config.errors import ConfigError


class Mode(StrEnum):
    """Whether demonstration data and accounts may exist here."""

    DEMO = "demo"
    LIVE = "live"


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the settings table: the variable, its default in words, what it is for."""

    name: str
    default: str
    meaning: str


SETTINGS = (
    Setting("S2F_HOME", "var", "Folder for the database, letters, uploads and the secret key"),
    Setting(
        "S2F_DATABASE_URL", "sqlite:///<S2F_HOME>/s2f.db", "The database: sqlite:///... or postgresql://..."
    ),
    Setting("S2F_HOST", "127.0.0.1", "Address on which the web listens"),
    Setting("S2F_PORT", "8080", "Port on which the web listens"),
    Setting("S2F_WEB_THREADS", "8", "Threads of a web process"),
    Setting("S2F_PUBLIC_URL", "http://127.0.0.1:<S2F_PORT>", "The address citizens use, as letters print it"),
    Setting("S2F_MODE", "live", "demo (with demonstration data and accounts; set by `make run`) or live"),
    Setting("S2F_MESSAGES_URL", "none: a local mailbox page", "An Apprise address that sends messages"),
    Setting(
        "S2F_SIGNING_KEY",
        "none: letters aren't signed (demo: a self-made pair)",
        "File with the EC P-256 key, in PEM, that signs letters",
    ),
    Setting(
        "S2F_SIGNING_CERTIFICATE",
        "as for the key",
        "File with the key's certificate in PEM; after it issuers and former ones",
    ),
    Setting("S2F_PLACE", "fiji", "Which file of config/places and config/calendars is used"),
    Setting("S2F_PREFECT_PORT", "4200", "Port of the embedded Prefect server"),
    Setting("PREFECT_API_URL", "none: an embedded server", "An existing Prefect server to use instead"),
    Setting(
        "S2F_PREFECT_POOL", "s2f", "Prefect work pool; unlike that of any other installation on the server"
    ),
)
"""Every setting there is; the documentation's table is checked against this one."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How this installation is set up. `home` is absolute; the other fields are as `SETTINGS` says."""

    home: Path
    database_url: str
    host: str
    port: int
    web_threads: int
    public_url: str
    mode: Mode
    messages_url: str | None
    signing_key: Path | None
    signing_certificate: Path | None
    place: str
    prefect_port: int
    prefect_api_url: str | None
    prefect_pool: str

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """The settings that these environment variables give; an empty variable counts as not set.

        Raises ConfigError naming the variable and what it should hold.
        """
        home = Path(_text(environ, "S2F_HOME") or "var").expanduser().absolute()
        port = _port(environ, "S2F_PORT", 8080)
        return cls(
            home=home,
            database_url=_database_url(environ, home),
            host=_text(environ, "S2F_HOST") or "127.0.0.1",
            port=port,
            web_threads=_whole_number(environ, "S2F_WEB_THREADS", 8, "a number from 1 to 256", 256),
            public_url=_public_url(environ, port),
            mode=_mode(environ),
            messages_url=_messages_url(environ),
            signing_key=_file(environ, "S2F_SIGNING_KEY"),
            signing_certificate=_file(environ, "S2F_SIGNING_CERTIFICATE"),
            place=_place(environ),
            prefect_port=_port(environ, "S2F_PREFECT_PORT", 4200),
            prefect_api_url=_web_address(environ, "PREFECT_API_URL"),
            prefect_pool=_pool(environ),
        )


def secret_key(settings: Settings) -> str:
    """The installation's secret for signing sessions and links: read, or made on first use.

    Processes that start together agree on one key. Raises ConfigError if the file holds no usable key
    (a new one in its place would silently sign everybody out).
    """
    path = settings.home / "secret-key"
    if not path.exists():
        _make_secret_key(path)
    key = path.read_text(encoding="ascii", errors="replace").strip()
    if len(key) < 32:
        raise ConfigError(str(path), "", "a secret key of at least 32 characters", f"{len(key)} characters")
    return key


def _make_secret_key(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".secret-key.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)  # unlike a rename, never replaces the key of a process that was quicker
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _text(environ: Mapping[str, str], name: str) -> str | None:
    return environ.get(name, "").strip() or None


def _file(environ: Mapping[str, str], name: str) -> Path | None:
    text = _text(environ, name)
    return Path(text).expanduser().absolute() if text else None


def _wrong(name: str, expected: str, found: str | None) -> ConfigError:
    return ConfigError("environment", name, expected, found)


def _whole_number(environ: Mapping[str, str], name: str, default: int, expected: str, highest: int) -> int:
    text = _text(environ, name)
    if text is None:
        return default
    if not re.fullmatch(r"[0-9]{1,9}", text) or not 1 <= int(text) <= highest:
        raise _wrong(name, expected, repr(text))
    return int(text)


def _port(environ: Mapping[str, str], name: str, default: int) -> int:
    return _whole_number(environ, name, default, "a port number from 1 to 65535", 65535)


def _mode(environ: Mapping[str, str]) -> Mode:
    text = _text(environ, "S2F_MODE") or Mode.LIVE
    if text not in list(Mode):
        raise _wrong("S2F_MODE", "demo or live", repr(text))
    return Mode(text)


def _place(environ: Mapping[str, str]) -> str:
    text = _text(environ, "S2F_PLACE") or "fiji"
    if not re.fullmatch(r"[a-z][a-z0-9_]*", text):
        raise _wrong("S2F_PLACE", "the name of a file in config/places, without .toml", repr(text))
    return text


def _pool(environ: Mapping[str, str]) -> str:
    text = _text(environ, "S2F_PREFECT_POOL") or "s2f"
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,60}", text):
        raise _wrong("S2F_PREFECT_POOL", "small letters, digits and dashes", repr(text))
    return text


def _database_url(environ: Mapping[str, str], home: Path) -> str:
    text = _text(environ, "S2F_DATABASE_URL")
    if text is None:
        return f"sqlite:///{home / 's2f.db'}"
    scheme, separator, rest = text.partition("://")
    if separator and rest and scheme in ("postgres", "postgresql", "postgresql+psycopg"):
        return f"postgresql+psycopg://{rest}"
    if scheme == "sqlite" and rest.startswith("/") and len(rest) > 1:
        return text
    # Only the scheme is repeated: the rest of the address may hold a password.
    raise _wrong(
        "S2F_DATABASE_URL",
        "sqlite:///<file> or postgresql://<user>@<host>/<database>",
        f"an address that begins with {scheme!r}" if separator else "something else",
    )


def _web_address(environ: Mapping[str, str], name: str) -> str | None:
    text = _text(environ, name)
    if text is None:
        return None
    expected = "an address that begins with http:// or https://"
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise _wrong(name, expected, None if "@" in text else repr(text))
    return text.rstrip("/")


def _public_url(environ: Mapping[str, str], port: int) -> str:
    return _web_address(environ, "S2F_PUBLIC_URL") or f"http://127.0.0.1:{port}"


def _messages_url(environ: Mapping[str, str]) -> str | None:
    text = _text(environ, "S2F_MESSAGES_URL")
    if text is not None and not re.match(r"[a-z][a-z0-9+.-]*://.", text, re.IGNORECASE):
        # What was found is not repeated: it may hold a password.
        raise _wrong("S2F_MESSAGES_URL", "an Apprise address, such as mailto://...", None)
    return text
