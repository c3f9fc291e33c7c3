"""The form that most tests of forms look at."""

import pytest

from forms.compiler import load_form
from forms.form import Form


@pytest.fixture(scope="session")
def form() -> Form:
    return load_form("birth-registration")
