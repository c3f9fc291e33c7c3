"""The words of a decision: reasons, grounds, overrides, a question, a note; checked, and as they are kept."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from cases.errors import NotGrounded, ReasonMissing
from cases.grounds import Said, criteria_shown, lacking
from cases.vocabulary import Needs

MAX_TEXT = 5_000
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")  # PostgreSQL can't store NUL; none of them has a meaning


def words_of(
    chosen: Mapping[str, str],
    *,
    reasons: Sequence[Mapping[str, str]] = (),
    question: str | None = None,
    note: str | None = None,
) -> dict[str, Any]:
    """Return the outcome as it is kept, with its reasons, question and note. Raises ReasonMissing."""
    outcome, needs = chosen["key"], chosen["needs"]
    result: dict[str, Any] = {"outcome": outcome}
    if needs == Needs.REASONS or (needs == Needs.GROUNDS and reasons):
        result["reasons"] = [
            {"key": reason["key"], "text": own_words(reason["text"], "a reason")} for reason in reasons
        ]
        if not reasons:
            raise ReasonMissing(f"the outcome {outcome!r} needs at least one reason")
    if needs == Needs.QUESTION:
        result["question"] = own_words(question, "a question")
    if note and note.strip():
        result["note"] = own_words(note, "a note")
    return result


def on_criteria(
    chosen: Mapping[str, str],
    shows: Mapping[str, Any] | None,
    *,
    grounds: Said = (),
    overrides: Said = (),
    reasons: Sequence[Any] = (),
) -> dict[str, Any]:
    """Return the grounds and overrides as they are kept, of a decision on what a task shows.

    Raises NotGrounded, and ReasonMissing for a text that is too long.
    """
    wrong = lacking(
        chosen["needs"], criteria_shown(shows), grounds=grounds, overrides=overrides, reasons=reasons
    )
    if wrong:
        told = "; ".join(map(str, wrong))
        raise NotGrounded(f"the outcome {chosen['key']!r} doesn't stand: {told}", wrong)
    kept = {
        "grounds": [
            {"criterion": each["criterion"], "text": own_words(each["text"], "a ground")} for each in grounds
        ],
        "overrides": [
            {
                "criterion": each["criterion"],
                "to": str(each["to"]),
                "text": own_words(each["text"], "an override"),
            }
            for each in overrides
        ],
    }
    return {name: said for name, said in kept.items() if said}


def own_words(text: str | None, what: str) -> str:
    """Return what somebody wrote, cleaned. Raises ReasonMissing, naming `what`, for nothing or too much."""
    words = _CONTROL.sub("", (text or "").replace("\r\n", "\n")).strip()
    if not words:
        raise ReasonMissing(f"{what} needs its words")
    if len(words) > MAX_TEXT:
        raise ReasonMissing(f"{what} may have at most {MAX_TEXT} characters, this has {len(words)}")
    return words
