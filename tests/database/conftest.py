"""A birth that waits for something, and its applicant."""

from __future__ import annotations

import pytest

from cases.db import Database
from cases.permissions import Actor
from tests.births import submit_birth
from tests.database.rows import open_question, open_task


@pytest.fixture
def birth(db: Database) -> int:
    """The id of a birth submitted in Suva."""
    return submit_birth(db).case_id


@pytest.fixture
def task(db: Database, birth: int) -> int:
    """The id of its open review, a registrar's task."""
    return open_task(db, birth)


@pytest.fixture
def question(db: Database, birth: int) -> int:
    """The id of an open question to its applicant, without end."""
    return open_question(db, birth)


@pytest.fixture
def applicant(birth: int) -> Actor:
    """Whoever showed the birth's reference and PIN."""
    return Actor.citizen(birth)
