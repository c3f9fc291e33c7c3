"""What the machine itself must have beside Python: looked for, and installed where that is possible.

Run by the Makefile (`python cli/machine.py [--for-tests]`) before anything of ours is imported, so it
uses nothing but the standard library. WeasyPrint needs a few system libraries to make letters; tests
also need a browser and a tool that reads text out of a PDF.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@dataclass(frozen=True)
class Need:
    """Something the machine must have. `names`: file names of a library, or commands; one is enough."""

    what: str
    names: tuple[str, ...]
    debian: str
    library: bool = True

    def is_there(self) -> bool:
        """Whether the machine has it."""
        if self.library:
            return any(map(_loads, self.names))
        return any(map(shutil.which, self.names))


FOR_LETTERS = (
    Need("Pango", ("libpango-1.0.so.0", "libpango-1.0.dylib"), "libpango-1.0-0"),
    Need("Pango for FreeType", ("libpangoft2-1.0.so.0", "libpangoft2-1.0.dylib"), "libpangoft2-1.0-0"),
    Need(
        "HarfBuzz's subsetter",
        ("libharfbuzz-subset.so.0", "libharfbuzz-subset.0.dylib"),
        "libharfbuzz-subset0",
    ),
)
FOR_TESTS = (
    Need("Chromium", BROWSERS, "chromium", library=False),
    Need("pdftotext", ("pdftotext",), "poppler-utils", library=False),
)


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def missing(needs: Sequence[Need]) -> list[Need]:
    """Return those of `needs` that the machine lacks."""
    return [need for need in needs if not need.is_there()]


def install(needs: Sequence[Need]) -> bool:
    """Install with apt-get, as root on Debian and its relatives; return whether that could be tried."""
    if not needs or os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    packages = [need.debian for need in needs]
    print(f"Installing {', '.join(packages)} with apt-get", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "-qq", "update"], env=quiet, check=False)
    command = ["apt-get", "-qq", "-y", "install", "--no-install-recommends", *packages]
    subprocess.run(command, env=quiet, check=False, stdout=subprocess.DEVNULL)
    return True


def command_for(needs: Sequence[Need]) -> str:
    """Return the one command a person can run to get `needs`."""
    if sys.platform == "darwin":
        return "brew install pango poppler"
    if shutil.which("dnf"):
        return "sudo dnf install pango harfbuzz poppler-utils chromium"
    return "sudo apt-get install " + " ".join(need.debian for need in needs)


def check(*, for_tests: bool) -> int:
    """Look, install what can be installed, and say what is left. Return the exit status: 1 when letters
    can't be made, or when in CI the browser tests couldn't run."""
    needs = FOR_LETTERS + (FOR_TESTS if for_tests else ())
    if install(missing(needs)):
        print(flush=True)
    absent = missing(needs)
    for need in absent:
        print(f"{need.what} is missing on this machine.")
    if absent:
        print(f"Install what is missing, then start again:\n\n    {command_for(absent)}\n")
    if any(need in FOR_LETTERS for need in absent):
        print("Without it no letter can be made.")
        return 1
    if absent and os.environ.get("CI"):
        return 1
    if absent:
        print("Until then the tests that need it are left out.")
    return 0


if __name__ == "__main__":
    sys.exit(check(for_tests="--for-tests" in sys.argv[1:]))
