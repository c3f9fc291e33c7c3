"""Before anything starts: check the configuration, migrate the tables, and say what the database is for."""

from __future__ import annotations

import click

from cases.db import Database
from cases.duplicates import write_missing
from cases.installation import require_mode
from cases.parties import write_missing_parties
from cases.people import all_staff
from cases.standards import load_standards
from cli.clock import keep_all
from cli.common import utc_now
from cli.demo_data import load_demo
from cli.output import json_option, print_json
from config.languages import LANGUAGES, translations
from config.likeness import Likeness
from config.parties import Parties
from config.places import load_places
from config.roles import check_demo_offices, load_roles
from config.services import load_services
from config.settings import Mode, Settings, secret_key
from config.signing import check_signing, signing_files
from flows.engine.runtime import load_runtimes
from flows.platform.letter_samples import check_letters
from migrations.run import upgrade
from web.static_files import manifest

CATALOGUES = ("s2f", "letters", "messages")


@click.command()
@json_option
def migrate(as_json: bool) -> None:
    """Bring the database's tables up to date."""
    settings = Settings.from_env()
    db = _connect(settings)
    upgrade(db)
    db.dispose()
    print_json({"migrated": True}) if as_json else click.echo("The tables are up to date.")


@click.command()
@json_option
def prepare(as_json: bool) -> None:
    """Check all configuration, migrate, and in demo mode load demonstration data.

    `s2f run` does this by itself.
    """
    settings = Settings.from_env()
    services = check_configuration(settings)
    about_signing = check_signature(settings)
    db = _connect(settings)
    try:
        loaded, staff = _prepare_database(db, settings)
    finally:
        db.dispose()
    if as_json:
        told = {"mode": settings.mode, "services": services, "loaded": loaded, "staff": staff}
        print_json(told | {"signing": about_signing})
        return
    if about_signing:
        click.echo(about_signing)
    if loaded:
        click.echo(f"Loaded {loaded} made-up applications and {staff} accounts for demonstration.")
    if not staff:
        click.echo(
            "Nobody can sign in yet. Make the first administrator with\n\n"
            "    s2f staff add USERNAME --name 'FULL NAME' --role administrator\n"
        )


def check_configuration(settings: Settings) -> list[str]:
    """Read every configuration file there is; return the keys of the services.

    Raises ConfigError for the first mistake.
    """
    places = load_places(settings.place)
    check_demo_offices(load_roles(), places.offices, places.facilities)
    runtimes = load_runtimes(place=settings.place)
    for language in LANGUAGES:
        for catalogue in CATALOGUES:
            translations(language, catalogue)
    manifest()
    secret_key(settings)
    check_letters()
    if settings.messages_url is not None:
        from flows.platform.gateways import Apprise  # takes its time to load

        Apprise(settings.messages_url)
    return sorted(runtimes)


def check_signature(settings: Settings) -> str | None:
    """Return what is to be said about the signature of letters, None if they are signed and all is well.

    Raises ConfigError for a key or certificate that can't be used.
    """
    now = utc_now()
    files = signing_files(settings, now=now)
    if files is None:
        return (
            "Letters aren't signed: S2F_SIGNING_KEY and S2F_SIGNING_CERTIFICATE aren't set. "
            "The verification page knows them all the same, by code and by file."
        )
    warning = check_signing(files, now=now)
    if settings.signing_key is None:
        return "Letters are signed with a self-made key, which proves nothing to anybody else."
    return warning


def _prepare_database(db: Database, settings: Settings) -> tuple[int, int]:
    """Migrate and stamp the database; return how many applications were loaded, and how many accounts
    there are."""
    db.check_clock()
    upgrade(db)
    for config in load_services().values():
        if config.likeness is not None:
            _make_comparable(db, config.key, config.likeness)
        if config.parties:
            _make_findable(db, config.key, config.parties)
    keep_all(db, load_standards(load_services(), settings.place)[0])
    now = utc_now()
    with db.write() as connection:
        require_mode(connection, settings.mode, now=now)
    loaded = load_demo(db, settings.place, now=now) if settings.mode is Mode.DEMO else 0
    with db.read() as connection:
        return loaded, len(all_staff(connection))


def _make_comparable(db: Database, service: str, rules: Likeness) -> None:
    """Make the rows by which duplicates are found for cases that have none: of before there were any, or
    submitted by older code in the meantime. In batches, so that nobody waits long."""
    after: int | None = 0
    while after is not None:
        with db.write() as connection:
            after = write_missing(connection, service, rules, after=after)


def _make_findable(db: Database, service: str, parties: Parties) -> None:
    """Make the rows by which people are found in cases that have none, as `_make_comparable` does."""
    after: int | None = 0
    while after is not None:
        with db.write() as connection:
            after = write_missing_parties(connection, service, parties, after=after)


def _connect(settings: Settings) -> Database:
    settings.home.mkdir(parents=True, exist_ok=True)
    return Database.connect(settings.database_url)
