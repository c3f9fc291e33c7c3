"""How many letters a second of CPU makes, against WeasyPrint used naively in the same run.

    python -m benchmarks.letters --json [--count N] [--batch N]

Naive: the same HTML, but style sheet, font configuration and fonts made anew for each letter. Most of that
goes into unpacking WOFF2, so there is a kinder one too, which is given fonts that are unpacked already. Ours
is the PDF alone, the same signed, and all that is issued: PDF and large print, both signed, page and text.
They take turns, so that a busy machine harms all alike; the figures are medians of the CPU time of a letter.
The ratios have no benefit from `gc.freeze` and the collector's threshold, since all run in one process.
The first letter, the batch and the memory are those of letter processes as the worker starts them: everything
that is issued, signed. A batch is made by one process and then by two; their ratio needs an idle machine.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import re
import statistics
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil
from fontTools.ttLib import woff2
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

from cases.vocabulary import LetterVariant
from config.signing import SigningFiles, self_signed
from flows.platform.letter_html import TEMPLATES
from flows.platform.letter_pool import LetterJob, LetterPool, Made
from flows.platform.letter_samples import sample_facts
from flows.platform.rendering import RenderedLetter, render_letter, warm_up
from flows.platform.signing import LetterSigner

ADDRESS = "https://births.example.org/verify/3KD9XM2P7QRTZWVB"
ISSUED_ON = date(2026, 5, 12)
TEMPLATE = "birth_registration/certificate"
FACTS = sample_facts(TEMPLATE)
ALONE = (LetterVariant.PDF,)


def ours(language: str, **named: Any) -> RenderedLetter:
    """One letter as the platform makes it."""
    return render_letter(TEMPLATE, FACTS, language=language, verify_url=ADDRESS, issued_on=ISSUED_ON, **named)


def naive(html: str, css: Path) -> bytes:
    """One letter from the finished HTML, with everything else made anew."""
    fonts = FontConfiguration()
    style = CSS(filename=css, font_config=fonts)
    pdf: bytes = HTML(string=html).write_pdf(stylesheets=[style], font_config=fonts, pdf_variant="pdf/ua-1")
    return pdf


def cpu_ms(make: Callable[[], object]) -> float:
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


def compare(count: int, language: str, unpacked: Path, sign: LetterSigner) -> dict[str, float]:
    """The naive ways and ours by turns, `count` letters each."""
    html = ours(language, variants=ALONE).html
    ways: dict[str, Callable[[], object]] = {
        "naive": lambda: naive(html, TEMPLATES / "letters.css"),
        "naive_unpacked_fonts": lambda: naive(html, unpacked),
        "pdf": lambda: ours(language, variants=ALONE),
        "pdf_signed": lambda: ours(language, variants=ALONE, sign=sign),
        "all_forms_signed": lambda: ours(language, sign=sign),
    }
    times: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(count):
        for way, make in ways.items():
            times[way].append(cpu_ms(make))
    medians = {way: statistics.median(found) for way, found in times.items()}
    figures = {f"{way}_cpu_ms": round(found, 1) for way, found in medians.items()}
    for way in ("pdf", "pdf_signed", "all_forms_signed"):
        figures[f"{way}_per_cpu_second"] = round(1000 / medians[way], 1)
        for other in ("naive", "naive_unpacked_fonts"):
            figures[f"{way}_ratio_to_{other}"] = round(medians[other] / medians[way], 2)
    return figures


def first_letter(signing: SigningFiles) -> dict[str, float]:
    """A letter process of the worker, from its start to its first letter."""
    pool = LetterPool(signing=signing)
    try:
        began = time.perf_counter()
        made = [letter for _, letter in pool.make([job()])]
        seconds = time.perf_counter() - began
        assert all(isinstance(letter, Made) for letter in made), made
        return {"seconds": round(seconds, 2), "rss_mb": rss_mb(pool)}
    finally:
        pool.close()


def batch(count: int, size: int, signing: SigningFiles) -> dict[str, Any]:
    """`count` letters at once by `size` processes that are warm, and the memory on the way."""
    pool = LetterPool(size, signing=signing)
    us = psutil.Process()
    try:
        list(pool.make([job()] * 2 * size))
        before, memory = us.memory_info().rss, []
        began = time.perf_counter()
        for number, (_, made) in enumerate(pool.make([job()] * count), start=1):
            assert isinstance(made, Made), made
            if number % max(count // 5, 1) == 0:
                memory.append(rss_mb(pool))
        seconds = time.perf_counter() - began
        grown = (us.memory_info().rss - before) / 2**20
    finally:
        pool.close()
    return {
        "letters": count,
        "letters_per_second": round(count / seconds, 2),
        "rss_mb_of_all_processes_each_fifth": memory,
        "rss_mb_grown_here": round(grown, 1),
    }


def job() -> LetterJob:
    """The letter that letter processes make here."""
    return LetterJob(TEMPLATE, FACTS, "en", ADDRESS, ISSUED_ON)


def rss_mb(pool: LetterPool) -> float:
    """The memory of a pool's processes."""
    return round(sum(psutil.Process(pid).memory_info().rss for pid in pool.pids()) / 2**20, 1)


def measure(count: int, letters: int, folder: Path) -> dict[str, Any]:
    """Run everything, with a key made for it in `folder`."""
    pair = folder / "pair.pem"
    pair.write_bytes(self_signed("Benchmark", now=datetime.now(UTC)))
    signing = SigningFiles(pair, pair)
    figures: dict[str, Any] = {"load_average_before": round(os.getloadavg()[0], 2)}
    if letters:
        one, two = batch(letters, 1, signing), batch(letters, 2, signing)
        ratio = round(two["letters_per_second"] / one["letters_per_second"], 2)
        figures |= {"one_process": one, "two_processes": two, "two_processes_ratio": ratio}
    figures["first_letter"] = first_letter(signing)
    warm_up()
    unpacked, sign = with_unpacked_fonts(folder), LetterSigner(signing)
    for language in ("en", "hif"):
        figures[language] = compare(count, language, unpacked, sign)
    return figures | {"load_average_after": round(os.getloadavg()[0], 2)}


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description="Letters per CPU second against naive WeasyPrint.")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--count", type=int, default=50, help="letters of each kind (default 50)")
    parser.add_argument("--batch", type=int, default=1000, help="letters of a batch (default 1000; 0: none)")
    arguments = parser.parse_args()
    with TemporaryDirectory() as folder:
        figures = measure(max(arguments.count, 2), arguments.batch, Path(folder))
    if arguments.json:
        print(json.dumps(figures, indent=2))
        return
    for name, values in figures.items():
        print(name, values)


if __name__ == "__main__":
    main()
