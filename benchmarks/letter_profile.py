"""Where the time of a PDF goes, stage by stage: `python -m benchmarks.letters --profile`."""

from __future__ import annotations

import cProfile
import pstats
from collections.abc import Callable, Mapping
from typing import Any

STAGES: Mapping[str, tuple[str, str]] = {
    "template to HTML": ("letter_html.py", "letter_html"),
    "parsing the HTML": ("rendering.py", "_parsed"),
    "styles": ("css/__init__.py", "get_all_computed_styles"),
    "boxes": ("formatting_structure/build.py", "build_formatting_structure"),
    "layout": ("layout/__init__.py", "layout_document"),
    "... of which lines of text": ("layout/inline.py", "iter_line_boxes"),
    "... of which tables": ("layout/table.py", "table_layout"),
    "drawing": ("draw/__init__.py", "draw_page"),
    "tags": ("pdf/tags.py", "add_tags"),
    "fonts": ("pdf/fonts.py", "build_fonts_dictionary"),
    "writing the file": ("pydyf/__init__.py", "write"),
    "signing": ("signing.py", "__call__"),
}
"""The functions whose time, with all they call, a stage is: the end of the file's name, and the name."""


def shares(make: Callable[[], object], count: int) -> dict[str, Any]:
    """Make `count` letters under the profiler; return each stage's share of the whole in percent.

    The profiler itself costs more where functions are small, so the shares are worth a few percent. A stage
    whose function is not found has None: another WeasyPrint names it otherwise.
    """
    profiler = cProfile.Profile()
    profiler.enable()
    for _ in range(count):
        make()
    profiler.disable()
    found: Any = pstats.Stats(profiler)
    return {stage: _share(found, *where) for stage, where in STAGES.items()}


def _share(found: Any, file: str, function: str) -> float | None:
    spent = [
        timing[3]
        for (name, _, called), timing in found.stats.items()
        if name.endswith(file) and called == function
    ]
    return round(100 * sum(spent) / found.total_tt, 1) if spent else None
