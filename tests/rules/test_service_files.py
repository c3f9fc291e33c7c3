"""Service files: what the shipped ones promise, and how a mistake in one is told."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from config.budget import Budget, working_days, working_hours
from config.errors import ConfigError
from config.rates import Unit, rate_on
from config.reading import Standing
from config.services import SERVICES_FOLDER, ServiceConfig, load_services, text
from config.steps import Asks, Basis, Turn

SMALL = """
key = "house-repair"
version = 1
languages = ["en", "fj"]
drafts = ["fj"]
title.en = "Repair a house"
description.en = "Help after a storm."
department.en = "Housing"
phrases.how-long.en = "Within {review} days."
phrases.how-long.fj = "{review} na siga."
matching.same = ["house", "storm"]

[milestones.received]
title.en = "Received"
about.en = "We have it."
[milestones.decided]
not_after = ["withdrawn"]
title.en = "Decided"
about.en = "It is decided."

[outcomes.granted]
title.en = "Granted"
about.en = "You get help."
[outcomes.withdrawn]
title.en = "Withdrawn"
about.en = "You withdrew."

[steps.review]
role = "clerk"
turn = "applicant"
milestone = "decided"
milestone_at = "done"
title.en = "Decide"
[steps.review.sla]
working_hours = 4
basis = "service-standard"
source = "test"
standing = "disputed"
confirmed = false
[steps.review.outcomes.grant]
choose.en = "Grant"
done.en = "Granted"
[steps.number]
title.en = "Number"

[reasons.late]
title.en = "Late"
found.en = "It came late."
remedy.en = "Apply for the next storm."

[criteria.dry]
basis = "policy"
source = "s"
standing = "disputed"
confirmed = false
title.en = "Dry"
rule.en = "The roof is dry."
not_proven.en = "We don't know."
remedy.en = "Send a photo."

[series.number]
pattern = "H{number}"

[[rates.grant]]
value = 35.5
unit = "FJD"
valid_from = 2020-01-01
valid_to = 2023-07-31
source = "test"
standing = "reported"
confirmed = false
[[rates.grant]]
value = 40
unit = "FJD"
valid_from = 2023-08-01
source = "test"
standing = "confirmed"
confirmed = true
"""

Load = Callable[..., ServiceConfig]


@pytest.fixture()
def small(tmp_path: Path) -> Load:
    """Load the small service, with passages replaced by others: small(passage, replacement, ...)."""

    def load(*changes: str) -> ServiceConfig:
        content = SMALL
        for passage, replacement in zip(changes[::2], changes[1::2], strict=True):
            assert passage in content
            content = content.replace(passage, replacement, 1)
        (tmp_path / "house_repair.toml").write_text(content, encoding="utf-8")
        return load_services(tmp_path)["house-repair"]

    return load


@pytest.fixture(scope="module")
def birth() -> ServiceConfig:
    return load_services()["birth-registration"]


def test_every_shipped_service_file_is_loaded_under_its_key() -> None:
    stems = {path.stem.replace("_", "-") for path in SERVICES_FOLDER.glob("*.toml")}
    assert set(load_services()) == stems


def test_the_birth_review_may_take_five_working_days_by_service_standard(birth: ServiceConfig) -> None:
    sla = birth.steps["review"].sla
    assert sla is not None
    assert (sla.budget, sla.basis, sla.provenance.confirmed) == (
        working_days(5),
        Basis.SERVICE_STANDARD,
        False,
    )
    assert birth.budget("review") == 2400


def test_a_step_without_a_promised_time_has_no_budget(birth: ServiceConfig) -> None:
    assert birth.budget("certificate") is None


def test_asking_for_the_budget_of_a_step_there_is_not_is_an_error(birth: ServiceConfig) -> None:
    with pytest.raises(KeyError):
        birth.budget("reveiw")


def test_refusing_asks_for_grounds_and_asking_for_a_question(birth: ServiceConfig) -> None:
    outcomes = birth.steps["review"].outcomes
    asks = {key: outcome.asks for key, outcome in outcomes.items()}
    assert asks == {
        "register": Asks.NOTHING,
        "register-without-father": Asks.NOTHING,
        "duplicate": Asks.NOTHING,
        "refuse": Asks.GROUNDS,
        "ask": Asks.QUESTION,
    }


def test_milestones_stand_in_the_order_of_the_file(birth: ServiceConfig) -> None:
    keys = [milestone.key for milestone in birth.milestones]
    assert keys == [
        *("received", "asking-hospital", "question", "fee", "registrar-general", "being-checked"),
        *("decided", "registered", "certificate-ready", "letter-ready", "in-your-hands"),
    ]


def test_an_open_case_shows_what_may_still_come_but_no_question_that_was_not_asked(
    birth: ServiceConfig,
) -> None:
    shown = [milestone.key for milestone in birth.milestones_shown(["received"], None)]
    assert shown == ["received", "being-checked", "decided"]


def test_no_certificate_is_promised_before_the_birth_is_registered(birth: ServiceConfig) -> None:
    def shown(*reached: str) -> list[str]:
        return [milestone.key for milestone in birth.milestones_shown(reached, None)]

    promised = {"certificate-ready", "in-your-hands"}
    assert promised.isdisjoint(shown("received", "being-checked", "decided"))
    assert promised <= set(shown("received", "being-checked", "decided", "registered"))


def test_a_stage_ahead_is_called_by_its_title_unless_it_has_words_of_its_own(birth: ServiceConfig) -> None:
    stages = {milestone.key: milestone for milestone in birth.milestones}
    assert stages["being-checked"].ahead["en"] == "A registrar checks your application"
    assert stages["letter-ready"].ahead == stages["letter-ready"].title


def test_a_fee_brings_the_registrar_general(birth: ServiceConfig) -> None:
    shown = [milestone.key for milestone in birth.milestones_shown(["received", "fee"], None)]
    assert shown[:4] == ["received", "fee", "registrar-general", "being-checked"]


def test_a_refused_case_does_not_wait_for_a_certificate(birth: ServiceConfig) -> None:
    reached = ["received", "question", "being-checked", "decided", "letter-ready"]
    assert [milestone.key for milestone in birth.milestones_shown(reached, "refused")] == reached


def test_a_review_is_a_milestone_when_it_opens_and_another_when_it_decides(birth: ServiceConfig) -> None:
    review = birth.steps["review"]
    assert review.milestones_reached(done=False) == ("being-checked",)
    assert review.milestones_reached(done=True, outcome="refuse") == ("being-checked", "decided")
    assert review.milestones_reached(done=True, outcome="ask") == ("being-checked",)


def test_a_certificate_is_ready_when_its_step_is_done_and_not_before(birth: ServiceConfig) -> None:
    certificate = birth.steps["certificate"]
    assert certificate.milestones_reached(done=False) == ()
    assert certificate.milestones_reached(done=True) == ("certificate-ready",)


def test_every_reason_is_full_sentences_that_say_what_would_change_the_outcome(birth: ServiceConfig) -> None:
    for reason in birth.reasons.values():
        for words in (reason.found, reason.remedy):
            assert words["en"][0].isupper()
            assert words["en"].endswith(".")
    assert [reason.key for reason in birth.reasons.values() if reason.needs_text] == ["other"]


def test_no_unconfirmed_amount_is_written_into_the_words(birth: ServiceConfig) -> None:
    words = [*birth.phrases.values(), *birth.needs.values()]
    words += [words for reason in birth.reasons.values() for words in (reason.found, reason.remedy)]
    for criterion in birth.criteria.values():
        words += [criterion.rule, criterion.not_met, criterion.not_proven, criterion.remedy]
    assert not [words["en"] for words in words if re.search(r"[0-9$]", words["en"])]


def test_a_criterion_says_how_well_its_rule_is_known(birth: ServiceConfig) -> None:
    assert birth.criteria["declaration"].provenance.confirmed
    assert not birth.criteria["late-evidence"].provenance.confirmed


def test_paying_at_the_counter_is_the_applicants_turn_though_a_clerk_notes_it(birth: ServiceConfig) -> None:
    fee = birth.steps["late-fee"]
    assert (fee.role, fee.turn, birth.steps["review"].turn) == ("clerk", Turn.APPLICANT, Turn.OFFICE)


def test_nobody_chooses_that_a_facility_never_answered(birth: ServiceConfig) -> None:
    assert birth.steps["notification"].outcomes["no-answer"].choose is None


def test_a_registration_number_has_year_office_and_six_digits(birth: ServiceConfig) -> None:
    series = birth.series["registration-number"]
    assert series.write(year=2026, office="SUV", number=12) == "2026/SUV/000012"


def test_registration_numbers_count_apart_for_each_year_and_office(birth: ServiceConfig) -> None:
    series = birth.series["registration-number"]
    counters = {
        series.counter(year=year, office=office) for year in (2025, 2026) for office in ("SUV", "LBS")
    }
    assert len(counters) == 4


def test_a_series_without_year_or_office_counts_on(small: Load) -> None:
    series = small().series["number"]
    assert series.counter(year=2025, office="SUV") == series.counter(year=2026, office="LBS")


def test_a_rate_is_the_row_that_holds_on_the_day(small: Load) -> None:
    rates = small().rates
    values = [
        rate_on(rates, "grant", day) for day in (date(2019, 12, 31), date(2023, 7, 31), date(2023, 8, 1))
    ]
    assert [rate and rate.value for rate in values] == [None, Decimal("35.5"), Decimal(40)]


def test_a_rate_says_its_unit_and_how_well_it_is_known(birth: ServiceConfig) -> None:
    fee = rate_on(birth.rates, "late-fee", date(2026, 5, 12))
    assert fee is not None
    assert (fee.value, fee.unit, fee.provenance.standing) == (Decimal(20), Unit.FJD, Standing.DISPUTED)
    assert fee.provenance.confirmed is False


def test_values_for_matching_disregard_capitals(small: Load) -> None:
    assert small().match_keys({"house": "Lot 5 NADI", "storm": 2025}) == {"same": "lot 5 nadi | 2025"}


@pytest.mark.parametrize("answers", [{"house": "Lot 5"}, {"house": "Lot 5", "storm": ""}, {"storm": None}])
def test_an_empty_field_matches_nothing(small: Load, answers: dict[str, object]) -> None:
    assert small().match_keys(answers) == {}


def test_text_is_given_in_the_language_asked_for() -> None:
    assert text({"en": "Yes", "fj": "Io"}, "fj") == ("Io", "fj")


def test_text_falls_back_to_english_and_says_so() -> None:
    assert text({"en": "Yes", "fj": "Io"}, "hif") == ("Yes", "en")


def test_the_digest_of_a_service_changes_with_its_file(small: Load) -> None:
    assert small().digest != small("working_hours = 4", "working_hours = 5").digest


@pytest.mark.parametrize(
    ("budget", "days"), [(working_days(5), 5), (working_hours(8), 1), (Budget(479), None)]
)
def test_a_budget_knows_its_whole_working_days(budget: Budget, days: int | None) -> None:
    assert budget.days == days


def test_a_budget_cannot_be_negative() -> None:
    with pytest.raises(ValueError, match="can't be negative"):
        working_days(-1)


@pytest.mark.parametrize(
    ("passage", "replacement", "message"),
    [
        ('"house-repair"', '"house"', "key: expected 'house-repair', as the file is called, found 'house'"),
        ("version = 1", "version = 1.5", "version: expected a whole number from 1, found 1.5"),
        ("version = 1", "", "version: expected a whole number from 1, found nothing"),
        ("version = 1", "verson = 1", "verson: expected one of the keys key, version, "),
        ('["en", "fj"]', '["fj"]', 'languages: expected a list of language codes with "en"'),
        ('["en", "fj"]', '["en", "en"]', "languages: expected each entry once, found 'en' twice"),
        ('drafts = ["fj"]', 'drafts = ["en"]', "drafts: expected some of the languages, and never en"),
        ("title.en", "title.fj", "title.en: expected a text in quotes, found nothing"),
        ("title.en", "title.de", "title.de: expected one of the languages en, fj"),
        ('"Repair a house"', '" "', "title.en: expected a text in quotes, found ' '"),
        ('"Repair a house"', '"Repair {what}"', "title.en: expected no placeholder, found {what}"),
        ("{review} days", "{hours} hours", "phrases.how-long.en: expected no placeholder but {grant}"),
        ("{review} na siga", "Na siga", "phrases.how-long.fj: expected the placeholders of the English"),
        ("{review} na siga", "{review na siga", "phrases.how-long.fj: expected a text whose curly"),
        ('title.en = "Decide"', "", "steps.review.title: expected a table, found nothing"),
        ('choose.en = "Grant"', "", "steps.review.outcomes.grant.choose: expected a table, found nothing"),
        ('done.en = "Granted"', "", "steps.review.outcomes.grant.done: expected a table, found nothing"),
        ("choose.en", "choos.en", "steps.review.outcomes.grant.choos: expected one of the keys choose, "),
        ("choose.en", 'asks = "all"\nchoose.en', "outcomes.grant.asks: expected one of nothing, reasons"),
        ("[steps.review.outcomes.grant]", "[steps.number.outcomes.grant]",
         "steps.review.outcomes: expected outcomes for the role clerk to choose from"),
        ('milestone = "decided"', 'milestone = "done"',
         "steps.review.milestone: expected one of the milestones received, decided, found 'done'"),
        ('milestone = "decided"', "", "steps.review.milestone: expected the milestone that milestone_at"),
        ('["withdrawn"]', '["refused"]',
         "milestones.decided.not_after: expected some of the outcomes granted, withdrawn, found 'refused'"),
        ('not_after = ["withdrawn"]', 'brings = ["paid"]',
         "milestones.decided.brings: expected some of the milestones received, decided, found 'paid'"),
        ('not_after = ["withdrawn"]', 'includes = ["paid"]',
         "milestones.decided.includes: expected some of the milestones received, decided, found 'paid'"),
        ('basis = "policy"\n', "", "criteria.dry.basis: expected one of law, policy, demonstration, found"),
        ('basis = "policy"\nsource = "s"\n', 'basis = "policy"\n', "criteria.dry.source: expected a text"),
        ('basis = "policy"\nsource = "s"\nstanding = "disputed"\nconfirmed = false',
         'basis = "demonstration"\nsource = "s"\nstanding = "confirmed"\nconfirmed = true',
         "criteria.dry.basis: expected law or policy, since the rule is confirmed"),
        ("[series.number]", "[facts.roof]\nen = 'Roof'\nunit = 'tons'\n[series.number]",
         "facts.roof.unit: expected one of FJD, days"),
        ("[series.number]", "[facts.roof]\nfj = 'Delavuvale'\n[series.number]",
         "facts.roof.en: expected a text"),
        ("[series.number]", "[facts.roof]\nen = 'Roof'\nvalue.tin.en = 'Tin'\n[series.number]",
         "facts.roof.value: expected one of the keys en, fj, values, unit"),
        ("[series.number]", "[facts.roof]\nen = 'Roof'\nvalues.tin.fj = 'Kapa'\n[series.number]",
         "facts.roof.values.tin.en: expected a text"),
        ("working_hours = 4", "", "steps.review.sla: expected one of working_days, working_hours, "),
        ("working_hours = 4", "working_hours = 4\nworking_days = 1", "steps.review.sla: expected one of "),
        ("working_hours = 4", "working_hours = 0", "steps.review.sla.working_hours: expected a whole number"),
        ("working_hours = 4", "hours = 4", "steps.review.sla.hours: expected one of the keys working_days, "),
        ('"service-standard"', '"statutory"',
         "steps.review.sla.basis: expected service-standard, as long as no law is confirmed for it"),
        ("confirmed = false", "confirmed = true",
         "steps.review.sla.confirmed: expected false, since the standing is disputed, found true"),
        ('standing = "disputed"', 'standing = "x"', "sla.standing: expected one of confirmed, reported"),
        ('turn = "applicant"', 'turn = "nobody"', "steps.review.turn: expected one of office, applicant"),
        ('source = "s"', "", "criteria.dry.source: expected a text in quotes, found nothing"),
        ('rule.en = "The roof is dry."', "", "criteria.dry.rule: expected a table, found nothing"),
        ("not_proven.en", "unproven.en", "criteria.dry.unproven: expected one of the keys title, rule, "),
        ("remedy.en", "rule.en", "reasons.late.remedy: expected a table, found nothing"),
        ("[series.number]", "[series.nummer]", "series.nummer: expected one of the steps review, number"),
        ('"H{number}"', '"H"', "series.number.pattern: expected a pattern of {number} "),
        ('"H{number}"', '"{number}{number}"', "series.number.pattern: expected a pattern of {number} "),
        ('"H{number}"', '"{number:x}"', "series.number.pattern: expected a pattern of {number} "),
        ('"H{number}"', '"{number!r}"', "series.number.pattern: expected a pattern of {number} "),
        ('"H{number}"', '"{number.real}"', "series.number.pattern: expected a pattern of {number} "),
        ('"H{number}"', '"{number"', "series.number.pattern: expected a pattern of {number} "),
        ("2023-08-01", "2023-07-31",
         "rates.grant[2].valid_from: expected 2023-08-01, so that the rows don't overlap, found 2023-07-31"),
        ("2023-08-01", "2023-08-02",
         "rates.grant[2].valid_from: expected 2023-08-01, so that the rows don't leave days out, found"),
        ("2023-08-01", "2019-08-01",
         "rates.grant[2].valid_from: expected 2023-08-01, so that the rows don't overlap"),
        ("valid_from = 2023-08-01", "valid_from = 2023-08-01\nvalid_to = 2030-01-01",
         "rates.grant[2].valid_to: expected no last day, since no row follows"),
        ('value = 40\nunit = "FJD"', 'value = 40\nunit = "months"', "rates.grant[2].unit: expected FJD"),
        ("valid_to = 2023-07-31", "",
         "rates.grant[2].valid_from: expected no further row, since the row before holds until further"),
        ("valid_to = 2023-07-31", "valid_to = 2019-01-01", "rates.grant[1].valid_to: expected a day from "),
        ("= 2020-01-01", '= "2020"', "rates.grant[1].valid_from: expected a date such as "),
        ("= 2020-01-01", "= 2020-01-01T00:00:00", "rates.grant[1].valid_from: expected a date"),
        ("= 35.5", '= "35.5"', "rates.grant[1].value: expected a number from 0, not in quotes, found '35.5'"),
        ("= 35.5", "= -1", "rates.grant[1].value: expected a number from 0, not in quotes, found -1"),
        ("= 35.5", "= nan", "rates.grant[1].value: expected a number from 0, not in quotes, found NaN"),
        ('unit = "FJD"', 'unit = "USD"', "rates.grant[1].unit: expected one of FJD, days, months, "),
        ('source = "test"\nstanding = "r', 'standing = "r', "rates.grant[1].source: expected a text"),
        ('storm"]', 'storm", 5]', "matching.same: expected a list of texts in quotes, found a list"),
        ('["house", "storm"]', "[]", "matching.same: expected at least one field of the form, found none"),
        ('version = 1', 'version = 1\nholding = ["paid"]',
         "holding: expected some of the outcomes granted, withdrawn, found 'paid'"),
        ("[series.number]", "[parties.owner]\n[series.number]", "parties.owner.name: expected a text"),
        ("[series.number]", '[parties.owner]\nname = "owner"\nborn = "b"\n[series.number]',
         "parties.owner.born: expected one of the keys name, birth_date, number, "),
        ("[series.number]", '[review]\nservice = "x"\noutcomes = ["paid"]\n[series.number]',
         "review.outcomes: expected some of the outcomes granted, withdrawn, found paid"),
        ("[series.number]", '[review]\nservice = "x"\n[series.number]', "review.outcomes: expected some of"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_service_is_told_with_file_and_key(
    small: Load, tmp_path: Path, passage: str, replacement: str, message: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        small(passage, replacement)
    assert str(refused.value).startswith(f"{tmp_path}/house_repair.toml: ")
    assert message in str(refused.value)


@pytest.mark.parametrize("section", ["milestones", "outcomes", "steps"])
def test_a_service_without_any_of_these_is_refused(tmp_path: Path, section: str) -> None:
    kept = re.sub(rf"(?ms)^\[{section}\..*?(?=^\[(?!{section}))", "", SMALL)
    (tmp_path / "house_repair.toml").write_text(kept)
    with pytest.raises(ConfigError, match=rf": {section}: expected at least one table, found nothing"):
        load_services(tmp_path)


def review(folder: Path, *lines: str) -> None:
    content = SMALL.replace('key = "house-repair"', "\n".join(['key = "house-review"', *lines]))
    own = content.index("[criteria.dry]"), content.index("[series.number]")
    content = content[: own[0]] + content[own[1] : content.index("[[rates.grant]]")]
    (folder / "house_repair.toml").write_text(SMALL, encoding="utf-8")
    (folder / "house_review.toml").write_text(content, encoding="utf-8")


def test_a_review_has_the_criteria_and_rates_of_the_service_it_reviews(tmp_path: Path) -> None:
    review(tmp_path, 'criteria_of = "house-repair"')
    services = load_services(tmp_path)
    first, second = services["house-repair"], services["house-review"]
    assert (second.criteria, second.facts, second.rates) == (first.criteria, first.facts, first.rates)


def test_a_service_follows_upon_one_that_there_is(tmp_path: Path) -> None:
    review(tmp_path, 'follows = "house-repair"')
    assert load_services(tmp_path)["house-review"].follows == "house-repair"
    review(tmp_path, 'follows = "boat-licence"')
    with pytest.raises(ConfigError, match=r"house_review\.toml: follows: .*'boat-licence'"):
        load_services(tmp_path)


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ('criteria_of = "house-review"', "criteria_of"),
        ('criteria_of = "boat-licence"', "criteria_of"),
        ('criteria_of = "house-repair"\nfacts.wet.en = "Wet"', "facts"),
    ],
)
def test_criteria_are_taken_from_a_service_that_has_its_own_or_not_at_all(
    tmp_path: Path, line: str, key: str
) -> None:
    review(tmp_path, line)
    with pytest.raises(ConfigError, match=rf"house_review\.toml: {key}: "):
        load_services(tmp_path)
