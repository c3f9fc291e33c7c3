"""Counts in the database whether anything was lost or doubled.

It knows nothing of our code: it reads the tables by plain SQL (`records.py`), the files of letters, and the
ledger of what people tried and what was acknowledged to them. To be called when all has settled.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tests.chaos.ledger import Line
from tests.chaos.records import Records, Row, by, read_records

Faults = Iterator[str]
ENDS = {"register": "registered", "refuse": "refused"}
VERBS = {
    "confirm": "confirmed",
    "hand": "handed-over",
    "claim": "claimed",
    "release": "released",
    "withdraw": "withdrawn",
    "rewind": "rewound",
    "reopen": "reopened",
    "retry": "retried",
}
LETTER_OF = {"registered": "certificate", "refused": "refusal"}


def check(url: str, home: Path, lines: Sequence[Line]) -> list[str]:
    """Return every fault found, each as a sentence; an empty list when nothing was lost or doubled.

    home: the folder that holds `letters/`. lines: the whole ledger. The cases are birth registrations,
    and all of them were submitted, decided and answered by the people of the ledger.
    """
    records = read_records(url)
    return [
        *_submissions(records, lines),
        *_decisions(records, lines),
        *_answers(records, lines),
        *_verbs(records, lines),
        *_journals(records),
        *_letters(records, home),
        *_messages(records),
        *_numbers(records),
        *_chains(records),
        *_rest(records),
    ]


# -- what was acknowledged -------------------------------------------------------------------------


def _submissions(records: Records, lines: Sequence[Line]) -> Faults:
    cases = by(records.cases, lambda case: case["token"])
    meant = {line.token for line in lines if line.what == "submit"}
    for line in (line for line in lines if line.what == "submit" and line.sure):
        references = [case["reference"] for case in cases.get(line.token, ())]
        if references != [line.reference]:
            yield f"the submission {line.token} was acknowledged as {line.reference}, there is {references}"
    for key, twins in cases.items():
        if key not in meant:
            yield f"nobody submitted {[case['reference'] for case in twins]}"
        if len(twins) > 1:
            yield f"the submission {key} made {len(twins)} cases"


def _decisions(records: Records, lines: Sequence[Line]) -> Faults:
    done = [e for e in records.journal if e["kind"] == "approval" and e["status"] == "done"]
    stand = {token: [_stands(records, e) for e in es] for token, es in by(done, _note_of).items()}
    meant = {line.token: _as_told(line) for line in lines if line.what == "decide"}
    for line in (line for line in lines if line.what == "decide" and line.sure):
        if stand.get(line.token) != [_as_told(line)]:
            yield f"the decision {_as_told(line)} was acknowledged, there is {stand.get(line.token)}"
    for token, stood in stand.items():
        if any(found != meant.get(token or "") for found in stood):
            yield f"nobody decided {stood}"
        if len(stood) > 1:
            yield f"one decision stands {len(stood)} times: {stood}"
    decided = Counter(event["case_id"] for event in records.events if event["kind"] == "decided")
    for case_id in {*decided, *(entry["case_id"] for entry in done)}:
        count = sum(entry["case_id"] == case_id for entry in done)
        if decided[case_id] != count:
            yield f"{records.reference(case_id)}: {count} decisions, {decided[case_id]} events of decisions"


def _verbs(records: Records, lines: Sequence[Line]) -> Faults:
    done: Counter[tuple[str | None, str]] = Counter(
        (records.reference(event["case_id"]), event["kind"])
        for event in records.events
        if event["kind"] in VERBS.values()
    )
    told = [line for line in lines if line.what in VERBS]
    meant = Counter((line.reference, VERBS[line.what]) for line in told if not line.sure)
    sure = Counter((line.reference, VERBS[line.what]) for line in told if line.sure)
    for what in {*done, *sure}:
        if not sure[what] <= done[what] <= meant[what]:
            counts = f"tried {meant[what]} times, acknowledged {sure[what]}, and happened {done[what]}"
            yield f"{what} was {counts}"


def _note_of(entry: Row) -> str | None:
    return (entry["result"] or {}).get("note")


def _stands(records: Records, entry: Row) -> tuple[str | None, ...]:
    outcome = (entry["result"] or {}).get("outcome")
    return records.reference(entry["case_id"]), entry["key"], outcome


def _as_told(line: Line) -> tuple[str | None, ...]:
    return line.reference, line.step, line.outcome


def _answers(records: Records, lines: Sequence[Line]) -> Faults:
    done = [e for e in records.journal if e["kind"] == "question" and e["status"] == "done"]
    found = [(records.reference(e["case_id"]), e["key"], (e["result"] or {}).get("text")) for e in done]
    asked = {(entry["case_id"], entry["key"]) for entry in records.journal if entry["kind"] == "question"}
    kept = [note for note in records.notes if (note["case_id"], note["about"]) in asked]
    late = [(records.reference(note["case_id"]), note["about"], note["body"]) for note in kept]
    stand = Counter(found + late)
    meant = {(line.reference, line.step, line.token) for line in lines if line.what == "answer"}
    for line in (line for line in lines if line.what == "answer" and line.sure):
        if stand[(line.reference or "", line.step, line.token)] != 1:
            yield f"the answer {line.token} to {line.reference} {line.step} was acknowledged and isn't there"
    for answer, count in stand.items():
        if answer not in meant:
            yield f"nobody answered {answer}"
        if count > 1:
            yield f"one answer stands {count} times: {answer}"


# -- the journal and its effects -------------------------------------------------------------------


def _place(row: Row) -> tuple[int, int, str]:
    return row["case_id"], row["generation"], row["key"]


def _told_by_rungs(records: Records) -> set[tuple[int, str]]:
    """The messages (case, key) that no step asked for but a rung of a ladder."""
    return {
        (row["case_id"], f"late#{row['clock_id']}.{row['policy']}.{row['number']}")
        for row in records.escalations
        if row["act"] == "tell-citizen"
    }


def _journals(records: Records) -> Faults:
    in_force = [entry for entry in records.journal if entry["cut_by"] is None]
    yield from _doubles(records, in_force, "entry in force", lambda row: (row["case_id"], row["key"]))
    yield from _doubles(records, records.journal, "journal entry", _place)
    yield from _doubles(
        records,
        records.escalations,
        "rung",
        lambda row: (row["case_id"], row["clock_id"], row["policy"], row["number"]),
    )
    for kind, rows in (("letter", records.letters), ("message", records.messages)):
        asked = {_place(entry) for entry in records.journal if entry["kind"] == kind}
        there = {_place(row) for row in rows}
        if kind == "message":
            told = _told_by_rungs(records)
            asked |= {place for place in there if (place[0], place[2]) in told}
        for case_id, _, key in sorted(asked ^ there):
            what = "was asked for and has no row" if (case_id, _, key) in asked else "was never asked for"
            yield f"{records.reference(case_id)}: the {kind} {key} {what}"
    given = {(number["case_id"], number["key"]): number["value"] for number in records.numbers}
    for entry in (entry for entry in in_force if entry["kind"] == "number"):
        if given.get((entry["case_id"], entry["key"])) != entry["result"]:
            name = f"{records.reference(entry['case_id'])}: the number {entry['result']}"
            yield f"{name} of the journal isn't the one that was allotted"


def _doubles(
    records: Records, rows: Sequence[Row], what: str, key: Callable[[Row], tuple[object, ...]]
) -> Faults:
    for (case_id, *rest), same in by(rows, key).items():
        if len(same) > 1:
            yield f"{records.reference(int(str(case_id)))}: {len(same)} times the {what} {rest}"


def _letters(records: Records, home: Path) -> Faults:
    yield from _doubles(records, records.letters, "letter", _place)
    for letter in records.letters:
        name = f"{records.reference(letter['case_id'])}: the letter {letter['key']}"
        if letter["status"] in ("issued", "superseded"):
            yield from (f"{name} {fault}" for fault in _file(home, letter))
        elif letter["status"] != "cancelled":
            yield f"{name} is {letter['status']}"
    issued = [letter for letter in records.letters if letter["status"] == "issued"]
    yield from _doubles(records, issued, "issued letter", lambda row: (row["case_id"], row["key"]))
    made = Counter(row["case_id"] for row in records.letters if row["status"] in ("issued", "superseded"))
    told = Counter(event["case_id"] for event in records.events if event["kind"] == "letter-issued")
    for case_id in sorted({*made, *told}):
        if made[case_id] != told[case_id]:
            yield f"{records.reference(case_id)}: {made[case_id]} letters, {told[case_id]} events of letters"
    in_force = {_place(entry) for entry in records.journal if entry["cut_by"] is None}
    for case in (case for case in records.cases if case["outcome"] in LETTER_OF):
        mine = [letter for letter in issued if letter["case_id"] == case["id"]]
        keys = [letter["key"] for letter in mine if _place(letter) in in_force]
        if keys != [LETTER_OF[case["outcome"]]]:
            yield f"{case['reference']} is {case['outcome']} and has the letters {keys}"


def _file(home: Path, letter: Row) -> Faults:
    path = home / "letters" / f"{letter['sha256']}.pdf"
    if not path.exists():
        yield "has no file"
        return
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != letter["sha256"] or len(content) != letter["size"]:
        yield "has a file with other bytes"


def _messages(records: Records) -> Faults:
    yield from _doubles(records, records.messages, "message", _place)
    deliveries = by(records.mailbox, lambda item: item["message_id"])
    unknown = _events_of_messages(records, "message-unknown")
    sent = _events_of_messages(records, "message-sent")
    withdrawn = {case["id"] for case in records.cases if case["outcome"] == "withdrawn"}
    in_force = [entry for entry in records.journal if entry["cut_by"] is None]
    wanted = {_place(entry) for entry in in_force if entry["case_id"] not in withdrawn}
    for message in records.messages:
        name = f"{records.reference(message['case_id'])}: the message {message['key']}"
        mine = deliveries.pop(message["id"], [])
        attempts = Counter(item["attempt_id"] for item in mine)
        resent = message["repeatable"] and _place(message) in wanted
        if message["status"] not in ("sent", "cancelled", *(() if resent else ("unknown",))):
            yield f"{name} is {message['status']}"
        if message["status"] == "sent" and not mine:
            yield f"{name} was never delivered"
        if len(mine) > 1 + unknown[message["id"]] or max(attempts.values(), default=1) > 1:
            yield f"{name} was delivered {len(mine)} times, {unknown[message['id']]} doubles are recorded"
        if sent[message["id"]] != (message["status"] == "sent"):
            yield f"{name} is {message['status']} with {sent[message['id']]} events of sending"
    for message_id in deliveries:
        yield f"nobody asked for the message {message_id} that was delivered"


def _events_of_messages(records: Records, kind: str) -> Counter[int]:
    events = (json.loads(event["body"]) for event in records.events if event["kind"] == kind)
    return Counter(event["data"]["message"] for event in events)


def _numbers(records: Records) -> Faults:
    given = by(records.numbers, lambda row: row["value"].rpartition("/")[0])
    last = {series["series"]: series["last"] for series in records.series}
    for prefix, rows in given.items():
        numbers = sorted(int(row["value"].rpartition("/")[2]) for row in rows)
        if numbers != list(range(1, len(numbers) + 1)):
            yield f"the numbers of {prefix} have gaps or doubles: {numbers}"
        counted = [value for name, value in last.items() if name.endswith(f"/{prefix}")]
        if counted != [len(numbers)]:
            yield f"the series of {prefix} counts {counted}, {len(numbers)} numbers were given"
    if sum(last.values()) != len(records.numbers):
        yield f"the series count {sum(last.values())} numbers, {len(records.numbers)} were given"
    mine = Counter(row["case_id"] for row in records.numbers)
    for case in records.cases:
        if case["outcome"] == "registered" and mine[case["id"]] != 1:
            yield f"{case['reference']} is registered with {mine[case['id']]} numbers"
    given_to = {row["case_id"]: row["value"] for row in records.numbers}
    for letter in (letter for letter in records.letters if letter["key"] == "certificate"):
        if letter["facts"].get("registration_number") != given_to.get(letter["case_id"]):
            yield f"{records.reference(letter['case_id'])}: its certificate has another number"


# -- the audit trail, and how everything came to rest ----------------------------------------------


def _chains(records: Records) -> Faults:
    chains = by(records.events, lambda event: event["case_id"])
    for case in records.cases:
        head = ""
        events = chains.pop(case["id"], [])
        for number, event in enumerate(events, start=1):
            body = json.loads(event["body"])
            head = hashlib.sha256((head + event["body"]).encode()).hexdigest()
            says = (body["case"], body["seq"], body["kind"])
            if says != (case["reference"], number, event["kind"]) or event["seq"] != number:
                yield f"{case['reference']}: event {number} is missing or says something else"
            if head != event["hash"]:
                yield f"{case['reference']}: the chain breaks at event {number}"
                head = event["hash"]
        if (case["audit_count"], case["audit_head"]) != (len(events), head):
            yield f"{case['reference']}: the case's end of its chain isn't the newest event"
        if case["version"] != len(events):
            yield f"{case['reference']}: changed {case['version']} times, {len(events)} events"
        if [event["kind"] in ("submitted", "imported") for event in events].count(True) != 1:
            yield f"{case['reference']}: wasn't taken in exactly once"
    for case_id in chains:
        yield f"there are events of a case #{case_id} that isn't there"


def _rest(records: Records) -> Faults:
    entries = by(
        (entry for entry in records.journal if entry["cut_by"] is None), lambda entry: entry["case_id"]
    )
    for case in records.cases:
        mine = entries.get(case["id"], [])
        waits = [entry["key"] for entry in mine if entry["status"] == "open"]
        if case["halted"]:
            yield f"{case['reference']} is halted"
        elif case["ready"]:
            yield f"{case['reference']} is still ready"
        if case["status"] == "open" and len(waits) != 1:
            yield f"{case['reference']} is open and waits for {waits}"
        if case["status"] == "closed" and (waits or not case["outcome"]):
            yield f"{case['reference']} is closed as {case['outcome']} and waits for {waits}"
        yield from _end(case, mine)
    for incident in records.incidents:
        yield f"{records.reference(incident['case_id'])}: incident {incident['summary']}"
    for lease in records.leases:
        if lease["case_ids"] or lease["suspects"]:
            in_hand = [*lease["case_ids"], *lease["suspects"]]
            yield f"{lease['queue']} slot {lease['slot']} still has {in_hand} in hand"


def _end(case: Row, entries: Sequence[Row]) -> Faults:
    decided = [(e["result"] or {}).get("outcome") for e in entries if e["kind"] == "approval"]
    if case["status"] == "closed" and case["outcome"] != "withdrawn":
        expected = ENDS.get(decided[-1] if decided else None)  # type: ignore[arg-type]
        if case["outcome"] != expected:
            yield f"{case['reference']} is {case['outcome']}, the last decision says {expected}"
