"""How long the server takes for an application with three photos of a phone, on one processor.

    python -m benchmarks.uploads --json [--count N] [--database URL]

The application as a whole is filled in and sent each time, through the web application in this process. What
is measured: the page with the photos (12 megapixels each, made here, with the grain of a small sensor), and
sending. The photos are opened by a process of their own, as always; all are held to one processor. Time on
the clock and processor time, medians of the applications.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import statistics
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from flask.testing import FlaskClient
from PIL import Image, ImageDraw

from benchmarks.databases import own_database
from cases.db import Database
from config.settings import Settings
from tests.web.site import APPLY, TYPED
from web.app import create_app

PAPERS = f"{APPLY}/questions/papers"
PHOTOS, WIDTH, HEIGHT = 3, 4_000, 3_000


def photo(number: int) -> bytes:
    """Return a photo of a written page, as a phone takes it: 12 megapixels, held upright."""
    light = Image.radial_gradient("L").resize((WIDTH, HEIGHT)).point(lambda value: 235 - value // 4)
    page = ImageDraw.Draw(light)
    for line in range(60):
        words = f"{number}.{line} Notification of Birth, Colonial War Memorial Hospital, " * 3
        page.text((200, 120 + line * 46), words, fill=40, font_size=38)
    grain = Image.effect_noise((WIDTH, HEIGHT), 24)
    data = Image.Exif()
    data[0x0112] = 6
    file = BytesIO()
    Image.blend(light, grain, 0.15).convert("RGB").save(file, "JPEG", quality=92, exif=data)
    return file.getvalue()


class Family:
    """A browser without a browser, which times what is measured."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.token = self._token(f"{APPLY}/questions/child-name")

    def _token(self, address: str) -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.client.get(address).text)
        assert found, address
        return found[1]

    def send(self, address: str, fields: dict[str, Any]) -> None:
        """Send a form, which must be taken."""
        response = self.client.post(address, data={"csrf_token": self.token, **fields})
        assert response.status_code == 302, (address, response.status_code, response.text[-2000:])

    def apply(self, photos: list[bytes]) -> dict[str, float]:
        """Apply; return the milliseconds of each part."""
        born = datetime.now(UTC) - timedelta(days=20)
        parts = zip(("day", "month", "year"), (born.day, born.month, born.year), strict=True)
        date = {f"child_birth_date-{part}": str(value) for part, value in parts}
        for page, fields in TYPED.items():
            self.send(f"{APPLY}/questions/{page}", fields | (date if page == "child-birth" else {}))
        self.send(f"{APPLY}/office", {"office": "suva"})
        files = [(BytesIO(content), f"{number}.jpg") for number, content in enumerate(photos)]
        begun = _spent()
        self.send(PAPERS, {**TYPED["papers"], "papers": files})
        received = _spent()
        self.send(f"{APPLY}/check", {})
        sent = _spent()
        return {
            "photos_ms": received[0] - begun[0],
            "photos_cpu_ms": received[1] - begun[1],
            "sending_ms": sent[0] - received[0],
            "sending_cpu_ms": sent[1] - received[1],
            "together_ms": sent[0] - begun[0],
        }


def _spent() -> tuple[float, float]:
    """Return milliseconds on the clock, and of the processor with all processes started here."""
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    used = own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
    return time.perf_counter() * 1000, used * 1000


def measure(count: int, server: str) -> dict[str, Any]:
    """Return the figures of `count` applications, after one that isn't counted."""
    with suppress(AttributeError):  # not on every system
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    photos = [photo(number) for number in range(PHOTOS)]
    with own_database(server) as url, TemporaryDirectory(prefix="s2f-bench-") as home:
        db = Database.connect(url)
        app = create_app(Settings.from_env({"S2F_HOME": home}), db)
        runs = [Family(app.test_client()).apply(photos) for _ in range(count + 1)][1:]
        kept = [path.stat().st_size for path in (Path(home) / "documents").iterdir()]
        db.dispose()
    medians = {name: round(statistics.median(run[name] for run in runs)) for name in runs[0]}
    return medians | {
        "together_ms_highest": round(max(run["together_ms"] for run in runs)),
        "applications": count,
        "photos_sent_kb": [len(content) // 1024 for content in photos],
        "photos_kept_kb": sorted(size // 1024 for size in kept),
        "load_average": round(os.getloadavg()[0], 1),
    }


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description="Server time of an application with three photos.")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--count", type=int, default=15, help="applications (default 15)")
    parser.add_argument("--database", default="sqlite://", help="a server to make a database on")
    arguments = parser.parse_args()
    figures = measure(max(arguments.count, 1), arguments.database)
    print(json.dumps(figures, indent=2) if arguments.json else figures)


if __name__ == "__main__":
    main()
