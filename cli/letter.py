"""`s2f letter`: looking at letters while their templates are written."""

from __future__ import annotations

from pathlib import Path

import click

from cases.vocabulary import LetterVariant
from config.languages import LANGUAGES
from flows.platform.letter_preview import ENDINGS, preview
from flows.platform.letter_samples import letter_templates

_AS_TEXT = (LetterVariant.HTML, LetterVariant.TEXT)


@click.group()
def letter() -> None:
    """Look at letters while their templates are written."""


@letter.command("preview")
@click.argument("service")
@click.argument("name", metavar="LETTER")
@click.option("--language", type=click.Choice(list(LANGUAGES)), default="en", help="The letter's language.")
@click.option(
    "--variant", type=click.Choice([each.value for each in LetterVariant]), default="pdf", help="Its form."
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The file to write.")
def preview_letter(service: str, name: str, language: str, variant: str, out: Path | None) -> None:
    """Make LETTER of SERVICE (refusal of birth-registration) from the sample facts beside its template.

    Without --out, a page or a text is printed, and a PDF gets a name in this folder. It is never signed, and
    says that it is a demonstration.
    """
    template = f"{service}/{name}".replace("-", "_")
    if template not in letter_templates():
        known = ", ".join(each.replace("/", " ").replace("_", "-") for each in letter_templates())
        raise click.BadParameter(f"There is no letter {service} {name}; there are: {known}.")
    form = LetterVariant(variant)
    file = preview(template, language, form)
    if out is None and form in _AS_TEXT:
        click.echo(file.content.decode("utf-8"), nl=False)
        return
    out = out or Path(f"{name}.{language}.{ENDINGS[form]}")
    out.write_bytes(file.content)
    pages = f", {file.pages} page{'' if file.pages == 1 else 's'}" if file.pages else ""
    click.echo(f"{out}{pages}", err=True)
