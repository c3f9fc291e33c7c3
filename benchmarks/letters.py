"""How many letters a second of CPU makes, against WeasyPrint used naively in the same run; and what else
letters cost: batches, memory, two processes beside one, and the people who decide meanwhile.

    python -m benchmarks.letters --json             # all of it: 5 minutes
    python -m benchmarks.letters --part ratios      # one part
    python -m benchmarks.letters --profile          # where the time of a PDF goes

Naive: the same HTML, but style sheet, font configuration and fonts made anew for each letter. Most of that
goes into unpacking WOFF2, so there is a kinder one too, which is given fonts that are unpacked already. Ours
is the PDF alone, the same signed, and all that is issued: PDF and large print, both signed, page and text.
They take turns, so that a busy machine harms all alike; a ratio is the median of the turns' ratios.
The ratios have no benefit from `gc.freeze` and the collector's threshold, since all run in one process.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import re
import statistics
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fontTools.ttLib import woff2
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

from benchmarks import beside_letters, letter_batches
from benchmarks.caseload import SERVER
from benchmarks.letter_batches import ADDRESS, FACTS, ISSUED_ON, TEMPLATE
from benchmarks.letter_profile import shares
from cases.vocabulary import LetterVariant
from config.signing import SigningFiles, self_signed
from flows.platform.letter_html import TEMPLATES
from flows.platform.rendering import RenderedLetter, render_letter, warm_up
from flows.platform.signing import LetterSigner

ALONE = (LetterVariant.PDF,)
NAIVE = ("naive", "naive_unpacked_fonts")
OURS = ("pdf", "pdf_signed", "all_forms_signed")
PARTS = ("processes", "batch", "beside", "ratios")


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


def compare(count: int, language: str, unpacked: Path, sign: LetterSigner) -> dict[str, Any]:
    """The naive ways and ours by turns, `count` letters each."""
    html = ours(language, variants=ALONE).html
    ways: dict[str, Callable[[], object]] = {
        "naive": lambda: naive(html, TEMPLATES / "letters.css"),
        "naive_unpacked_fonts": lambda: naive(html, unpacked),
        "pdf": lambda: ours(language, variants=ALONE),
        "pdf_signed": lambda: ours(language, variants=ALONE, sign=sign),
        "all_forms_signed": lambda: ours(language, sign=sign),
    }
    turns = [{way: cpu_ms(make) for way, make in ways.items()} for _ in range(count)]
    figures = {f"{way}_cpu_ms": round(_median(turns, way), 1) for way in ways}
    for way in OURS:
        figures[f"{way}_per_cpu_second"] = round(1000 / _median(turns, way), 1)
        for other in NAIVE:
            figures[f"{way}_ratio_to_{other}"] = round(_median_ratio(turns, other, way), 2)
    return figures


def _median(turns: list[dict[str, float]], way: str) -> float:
    return statistics.median(turn[way] for turn in turns)


def _median_ratio(turns: list[dict[str, float]], one: str, other: str) -> float:
    return statistics.median(turn[one] / turn[other] for turn in turns)


def measure(parts: tuple[str, ...], options: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Measure some of PARTS, with a key made for it in `folder`. options: those of the command."""
    signing = _signing(folder)
    began = time.monotonic()
    found: dict[str, Any] = {"load_average_before": round(os.getloadavg()[0], 2)}
    if "processes" in parts:
        found["first_letter"] = letter_batches.first_letter(signing)
        found["one_process_and_two"] = letter_batches.one_and_two(
            options["round"], options["rounds"], signing
        )
    if "batch" in parts:
        found["batch"] = letter_batches.batch(options["batch"], signing)
    if "beside" in parts:
        found["decisions_beside_letters"] = beside_letters.measure(
            options["database"], letters=options["beside"], decisions=options["decisions"]
        )
    if "ratios" in parts:
        found |= _ratios(options["count"], folder, LetterSigner(signing))
    ended = {"load_average_after": round(os.getloadavg()[0], 2), "seconds": round(time.monotonic() - began)}
    return found | ended


def _ratios(count: int, folder: Path, sign: LetterSigner) -> dict[str, Any]:
    warm_up()
    unpacked = with_unpacked_fonts(folder)
    return {language: compare(count, language, unpacked, sign) for language in ("en", "hif")}


def profile(count: int, folder: Path) -> dict[str, Any]:
    """The stages of a signed PDF in percent, when everything is warm."""
    warm_up()
    sign = LetterSigner(_signing(folder))
    ours("en", variants=ALONE, sign=sign)
    return shares(lambda: ours("en", variants=ALONE, sign=sign), count)


def _signing(folder: Path) -> SigningFiles:
    """A key made for this run, in `folder`."""
    pair = folder / "pair.pem"
    pair.write_bytes(self_signed("Benchmark", now=datetime.now(UTC)))
    return SigningFiles(pair, pair)


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description="What letters cost, and what plain WeasyPrint would.")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--part", action="append", choices=PARTS, help="measure this part alone (repeatable)")
    parser.add_argument("--profile", action="store_true", help="print where the time of a PDF goes instead")
    parser.add_argument("--count", type=int, default=30, help="turns of the ratios (default 30)")
    parser.add_argument("--round", type=int, default=120, help="letters of a round of one and two processes")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of one and two processes (default 3)")
    parser.add_argument("--batch", type=int, default=1000, help="letters of the batch (default 1000)")
    parser.add_argument("--beside", type=int, default=500, help="letters beside the decisions (default 500)")
    parser.add_argument("--decisions", type=int, default=100, help="decisions with letters and without")
    parser.add_argument("--database", default=SERVER, help="a server, or sqlite://, for the decisions")
    arguments = parser.parse_args()
    with TemporaryDirectory() as name:
        folder = Path(name)
        if arguments.profile:
            figures = profile(arguments.count, folder)
        else:
            figures = measure(tuple(arguments.part or PARTS), vars(arguments), folder)
    if arguments.json:
        print(json.dumps(figures, indent=2))
        return
    for name, values in figures.items():
        print(name, values)


if __name__ == "__main__":
    main()
