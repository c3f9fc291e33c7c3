"""Letters looked at on the command line, and what a start says about their signature."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config.signing import self_signed
from tests.cli.conftest import Command

LETTER = ("letter", "preview", "birth-registration", "refusal")


def test_a_text_is_printed_in_the_language_that_was_asked_for(fresh: Command) -> None:
    result = fresh(*LETTER, "--language", "fj", "--variant", "text")
    assert result.exit_code == 0, result.output
    assert "Keimami sega ni vola na sucu" in result.stdout
    assert "sega ni ivola vakalawa" in result.stdout  # it says that it is a demonstration


def test_a_pdf_is_written_to_the_file_that_was_named(fresh: Command, tmp_path: Path) -> None:
    out = tmp_path / "refusal.pdf"
    result = fresh(*LETTER, "--variant", "large", "--out", out)
    assert result.exit_code == 0 and "4 pages" in result.stderr
    assert out.read_bytes().startswith(b"%PDF-1.7")


def test_a_letter_that_there_is_not_is_told_with_those_there_are(fresh: Command) -> None:
    result = fresh("letter", "preview", "birth-registration", "summons")
    assert result.exit_code == 2
    assert "birth-registration certificate" in result.stderr


# -- signing ---------------------------------------------------------------------------------------


def a_pair(folder: Path, *, now: datetime | None = None, years: int = 2, name: str = "pair") -> Path:
    path = folder / f"{name}.pem"
    path.write_bytes(self_signed("Registry", now=now or datetime.now(UTC), years=years))
    return path


def test_a_live_start_without_a_key_says_that_letters_are_not_signed(fresh: Command) -> None:
    result = fresh("prepare")
    assert result.exit_code == 0
    assert "Letters aren't signed: S2F_SIGNING_KEY" in result.stdout
    assert not (fresh.home / "demo-signing.pem").exists()


def test_a_demonstration_signs_with_a_key_of_its_own_that_nobody_else_can_read(fresh: Command) -> None:
    assert "self-made key, which proves nothing" in fresh("prepare", S2F_MODE="demo").stdout
    made = fresh.home / "demo-signing.pem"
    assert made.stat().st_mode & 0o077 == 0
    before = made.read_bytes()
    fresh("prepare", S2F_MODE="demo")
    assert made.read_bytes() == before


def test_with_key_and_certificate_nothing_is_said(fresh: Command, tmp_path: Path) -> None:
    pair = str(a_pair(tmp_path))
    result = fresh("prepare", S2F_SIGNING_KEY=pair, S2F_SIGNING_CERTIFICATE=pair)
    assert result.exit_code == 0 and "igned" not in result.stdout


def test_a_certificate_that_soon_runs_out_is_told(fresh: Command, tmp_path: Path) -> None:
    pair = str(a_pair(tmp_path, now=datetime.now(UTC) - timedelta(days=350), years=1))
    result = fresh("prepare", S2F_SIGNING_KEY=pair, S2F_SIGNING_CERTIFICATE=pair)
    assert result.exit_code == 0 and "runs out on" in result.stdout


@pytest.mark.parametrize(
    ("key", "certificate", "words"),
    [
        ("pair", "", "S2F_SIGNING_CERTIFICATE: expected a file"),
        ("", "pair", "S2F_SIGNING_KEY: expected a file"),
        ("nowhere", "pair", "S2F_SIGNING_KEY: expected a file that can be read"),
        ("empty", "pair", "an EC P-256 private key in PEM"),
        ("pair", "empty", "certificates in PEM"),
        ("other", "pair", "first the certificate of the key"),
        ("old", "old", "a certificate that is valid now"),
    ],
)
def test_a_key_that_cannot_be_used_stops_the_start_with_what_is_wrong(
    fresh: Command, tmp_path: Path, key: str, certificate: str, words: str
) -> None:
    for name in ("pair", "other"):
        a_pair(tmp_path, name=name)
    a_pair(tmp_path, name="old", now=datetime(2020, 1, 1, tzinfo=UTC), years=1)
    (tmp_path / "empty.pem").write_text("")
    paths = [str(tmp_path / f"{name}.pem") if name else "" for name in (key, certificate)]
    result = fresh("prepare", S2F_SIGNING_KEY=paths[0], S2F_SIGNING_CERTIFICATE=paths[1])
    assert result.exit_code == 2 and words in result.stderr
    assert "PRIVATE" not in result.output
