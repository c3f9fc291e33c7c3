"""Everything that is installed is pinned, with hashes, and by name alone: no address of any registry."""

from __future__ import annotations

import json
import re
import tomllib
from itertools import chain

from tests.conventions.sources import ROOT

LOCK = (ROOT / "requirements.lock").read_text()
NPM = json.loads((ROOT / "package-lock.json").read_text())


def test_no_lock_file_names_an_address() -> None:
    for text in (LOCK, json.dumps(NPM)):
        assert not re.search(r"(https?|file|git)(\+\w+)?:/", re.sub(r'"url": "[^"]*"', "", text))


def test_every_python_package_is_pinned_with_hashes() -> None:
    entries = re.split(r"\n(?=\S)", LOCK.partition("\n#    make lock\n")[2].strip())
    assert len(entries) > 100
    for entry in entries:
        assert re.match(r"[a-z0-9._-]+(\[[a-z,]+\])?==\S+", entry), entry
        assert "--hash=sha256:" in entry, entry


def test_every_npm_package_is_pinned_with_a_hash() -> None:
    packages = {name: package for name, package in NPM["packages"].items() if name}
    assert packages
    for name, package in packages.items():
        assert package["integrity"].startswith("sha512-"), name
        assert "resolved" not in package, name


def test_the_lock_holds_every_package_that_the_project_names() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    named = [*project["dependencies"], *chain(*project["optional-dependencies"].values())]
    locked = {line.partition("==")[0].partition("[")[0] for line in LOCK.splitlines() if "==" in line}
    names = {re.match(r"[A-Za-z0-9._-]+", name).group().lower().replace("_", "-") for name in named}  # type: ignore[union-attr]
    assert names <= locked
