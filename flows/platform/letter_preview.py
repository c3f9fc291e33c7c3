"""A letter from its sample facts, for those who write templates: one variant, or all of them as pictures.

    python -m flows.platform.letter_preview SERVICE/LETTER FOLDER

writes every variant in every language into FOLDER, with a picture of each page and `index.json`:
{language: {variant: {"files": [...], "trouble": a text or null}}}. The web starts it for the page that shows
them side by side, since it doesn't lay letters out itself.
"""

from __future__ import annotations

import json
import os
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdfium2

from cases.errors import CaseError
from cases.vocabulary import LetterVariant
from config.errors import ConfigError
from config.languages import LANGUAGES
from flows.platform.letter_file import LetterFile
from flows.platform.letter_samples import SAMPLE_ADDRESS, SAMPLE_DAY, sample_facts

ENDINGS = {
    LetterVariant.PDF: "pdf",
    LetterVariant.LARGE: "large.pdf",
    LetterVariant.HTML: "html",
    LetterVariant.TEXT: "txt",
}
_SCALE = 1.25  # an A4 page 744 pixels wide


def preview(template: str, language: str, variant: LetterVariant) -> LetterFile:
    """Return a letter from its sample facts, never signed. Raises ConfigError, LetterFailed."""
    from flows.platform.rendering import render_letter  # takes its time to load

    letter = render_letter(
        template,
        sample_facts(template),
        language=language,
        verify_url=SAMPLE_ADDRESS,
        issued_on=SAMPLE_DAY,
        variants=(variant,),
    )
    return letter.files[variant]


def write_all(template: str, folder: Path) -> None:
    """Write every variant in every language into `folder`. What is wrong with one stands in its place."""
    index: dict[str, dict[str, dict[str, Any]]] = {}
    for language in LANGUAGES:
        index[language] = {}
        for variant in LetterVariant:
            try:
                files, trouble = _write(template, language, variant, folder), None
            except (CaseError, ConfigError) as error:
                files, trouble = [], str(error)
            index[language][variant] = {"files": files, "trouble": trouble}
    (folder / "index.json").write_text(json.dumps(index), "utf-8")


def _write(template: str, language: str, variant: LetterVariant, folder: Path) -> list[str]:
    """Write one variant, and return the names of its files: the letter itself first, then its pages."""
    file = preview(template, language, variant)
    names = [f"{language}.{ENDINGS[variant]}"]
    (folder / names[0]).write_bytes(file.content)
    if file.pages:
        with pypdfium2.PdfDocument(BytesIO(file.content)) as pdf:
            for number, page in enumerate(pdf, start=1):
                names.append(f"{language}-{variant}-{number}.png")
                page.render(scale=_SCALE).to_pil().save(folder / names[-1], "PNG")
    return names


if __name__ == "__main__":
    os.nice(10)
    write_all(sys.argv[1], Path(sys.argv[2]))
