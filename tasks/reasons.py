"""An officer's reasons, as a letter prints them."""

from __future__ import annotations

from cases.journal import CaseFile
from config.words import text
from tasks.approval import Decision


def reasons_in_words(case: CaseFile, decision: Decision) -> list[dict[str, str | None]]:
    """Return the decision's reasons as {"text", "rule" or None, "change" or None}, in order.

    A snippet of the service's configuration that the officer left as it was is printed in the applicant's
    language; words of the officer's own are printed as written.
    """
    return [_in_words(case, reason["key"], reason["text"]) for reason in decision.reasons]


def _in_words(case: CaseFile, key: str, words: str) -> dict[str, str | None]:
    snippet = case.config.reasons.get(key)
    if snippet is None:
        return {"text": words, "rule": None, "change": None}
    if words in snippet.found.values():
        words = text(snippet.found, case.language)[0]
    return {
        "text": words,
        "rule": text(snippet.rule, case.language)[0] if snippet.rule else None,
        "change": text(snippet.remedy, case.language)[0],
    }
