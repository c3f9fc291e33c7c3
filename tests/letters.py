"""Letters of every template, made from the sample facts beside it."""

from __future__ import annotations

from datetime import date
from typing import Any

from cases.vocabulary import LetterVariant
from flows.platform.letter_samples import letter_templates, sample_facts
from flows.platform.rendering import RenderedLetter, render_letter

ADDRESS = "https://births.example.org/verify/3KD9XM2P7QRT"
ISSUED_ON = date(2026, 5, 12)

FACTS = {template: sample_facts(template) | {"demo": False} for template in letter_templates()}
CERTIFICATE = FACTS["birth_registration/certificate"]


def certificate(language: str = "en", **changes: Any) -> RenderedLetter:
    """Render the certificate; `changes` replace facts."""
    return render("birth_registration/certificate", language, **changes)


def refusal(language: str = "en", **changes: Any) -> RenderedLetter:
    """Render the refusal letter; `changes` replace facts."""
    return render("birth_registration/refusal", language, **changes)


def render(
    template: str, language: str = "en", *, variant: LetterVariant = LetterVariant.PDF, **changes: Any
) -> RenderedLetter:
    """Render a variant of any letter with the facts above; `changes` replace facts."""
    facts = FACTS[template] | changes
    return render_letter(
        template,
        facts,
        language=language,
        verify_url=ADDRESS,
        issued_on=ISSUED_ON,
        variants=(variant,),
    )
