"""The tracking page reads, at every step of every golden case, as somebody has read and approved it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.services.tracking import FOLDER, pages, snapshot_of

GOLDEN_CASES = sorted(FOLDER.glob("*/*.yaml"))


@pytest.mark.parametrize("path", GOLDEN_CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_what_an_applicant_reads_is_what_somebody_has_read(path: Path) -> None:
    written = snapshot_of(path)
    assert written.exists(), "write it with `python -m tests.services.tracking`, then read it"
    assert pages(path) == written.read_text(), "read what changed; then `python -m tests.services.tracking`"


def test_no_snapshot_is_of_a_golden_case_that_is_no_more() -> None:
    assert set(FOLDER.glob("*/tracking/*.txt")) == {snapshot_of(path) for path in GOLDEN_CASES}
