"""How many letters a second of CPU makes, against WeasyPrint used naively in the same run.

    python -m benchmarks.letters --json [--count N]

Naive: the same HTML, but style sheet, font configuration and fonts made anew for each letter. Most of that
goes into unpacking WOFF2, so there is a kinder one too, which is given fonts that are unpacked already.
They take turns, so that a busy machine harms all alike; the figures are medians of the CPU time of a letter.
The ratios have no benefit from `gc.freeze` and the collector's threshold, since both run in one process.
The first letter and the memory are those of a letter process as the worker starts it.
"""

from __future__ import annotations

import argparse
import gc
import json
import re
import statistics
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil
from fontTools.ttLib import woff2
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

from flows.platform.letter_pool import LetterJob, LetterPool, Made
from flows.platform.rendering import TEMPLATES, render_letter, warm_up

ADDRESS = "https://births.example.org/verify/3KD9XM2P7QRT"
ISSUED_ON = date(2026, 5, 12)
TEMPLATE = "birth_registration/certificate"
FACTS: dict[str, Any] = {
    "reference": "BR-7K3-M94-QX2",
    "office_name": "Suva",
    "demo": True,
    "registration_number": "2026/SUV/000123",
    "decided_on": "2026-05-12",
    "decided_by": {"name": "Mere Tukana", "role": "registrar"},
    "child_name": "Losalini Tikoisuva",
    "child_sex": "female",
    "child_birth_date": "2026-04-20",
    "birth_type": "single",
    "birth_place_kind": "hospital",
    "birth_facility": "Colonial War Memorial Hospital",
    "birth_province": "Naitasiri",
    "mother_name": "Ana Tikoisuva",
    "father_name": "Josaia Tikoisuva",
    "informant_name": "Ana Tikoisuva",
    "informant_relationship": "mother",
}


def ours(language: str) -> bytes:
    """One letter as the platform makes it."""
    letter = render_letter(TEMPLATE, FACTS, language=language, verify_url=ADDRESS, issued_on=ISSUED_ON)
    return letter.pdf


def naive(html: str, css: Path) -> bytes:
    """One letter from the finished HTML, with everything else made anew."""
    fonts = FontConfiguration()
    style = CSS(filename=css, font_config=fonts)
    pdf: bytes = HTML(string=html).write_pdf(stylesheets=[style], font_config=fonts, pdf_variant="pdf/ua-1")
    return pdf


def cpu_ms(make: Callable[[], bytes]) -> float:
    """CPU milliseconds of this process that one letter takes."""
    gc.collect()
    before = time.process_time()
    make()
    return (time.process_time() - before) * 1000


def with_unpacked_fonts(folder: Path) -> Path:
    """A copy of the style sheet in `folder` whose fonts are plain TrueType files beside it."""
    css = (TEMPLATES / "letters.css").read_text("utf-8")
    for address in re.findall(r'url\("(.+?)"\)', css):
        unpacked = folder / Path(address).with_suffix(".ttf").name
        with (TEMPLATES / address).open("rb") as packed, unpacked.open("wb") as file:
            woff2.decompress(packed, file)
        css = css.replace(address, unpacked.name)
    path = folder / "letters.css"
    path.write_text(css, "utf-8")
    return path


def compare(count: int, language: str, unpacked: Path) -> dict[str, float]:
    """Ours and the naive ways by turns, `count` letters each."""
    html = render_letter(TEMPLATE, FACTS, language=language, verify_url=ADDRESS, issued_on=ISSUED_ON).html
    ways: dict[str, Callable[[], bytes]] = {
        "ours": lambda: ours(language),
        "naive": lambda: naive(html, TEMPLATES / "letters.css"),
        "naive_unpacked_fonts": lambda: naive(html, unpacked),
    }
    times: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(count):
        for way, make in ways.items():
            times[way].append(cpu_ms(make))
    medians = {way: statistics.median(found) for way, found in times.items()}
    mine = medians["ours"]
    return (
        {f"{way}_cpu_ms": round(found, 1) for way, found in medians.items()}
        | {f"{way}_per_cpu_second": round(1000 / found, 1) for way, found in medians.items()}
        | {
            "ratio": round(medians["naive"] / mine, 2),
            "ratio_unpacked_fonts": round(medians["naive_unpacked_fonts"] / mine, 2),
        }
    )


def letter_process(count: int) -> dict[str, float]:
    """A letter process of the worker: its first letter, the following ones, its memory."""
    pool = LetterPool()
    job = LetterJob(TEMPLATE, FACTS, "en", ADDRESS, ISSUED_ON)
    try:
        began = time.perf_counter()
        first = [letter for _, letter in pool.make([job])]
        first_seconds = time.perf_counter() - began
        began = time.perf_counter()
        letters = first + [letter for _, letter in pool.make([job] * (count - 1))]
        seconds = time.perf_counter() - began
        assert all(isinstance(letter, Made) for letter in letters)
        [pid] = pool.pids()
        process = psutil.Process(pid)
        return {
            "first_letter_seconds": round(first_seconds, 2),
            "letters_per_second": round((count - 1) / seconds, 1),
            "rss_mb_after": round(process.memory_info().rss / 2**20, 1),
            "letters_made": count,
        }
    finally:
        pool.close()


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description="Letters per CPU second against naive WeasyPrint.")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--count", type=int, default=100, help="letters of each kind (default 100)")
    arguments = parser.parse_args()
    figures: dict[str, Any] = {"process": letter_process(max(arguments.count, 2))}
    warm_up()
    with TemporaryDirectory() as folder:
        unpacked = with_unpacked_fonts(Path(folder))
        for language in ("en", "hif"):
            figures[language] = compare(arguments.count, language, unpacked)
    if arguments.json:
        print(json.dumps(figures, indent=2))
        return
    for name, values in figures.items():
        print(name, *(f"{key}={value}" for key, value in values.items()))


if __name__ == "__main__":
    main()
