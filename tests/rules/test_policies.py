"""Policies: what the shipped file says, how a mistake is told, and when each rung of a ladder is due."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.clocks import pause, resume, start_clock
from cases.escalation import after_quiet, next_rung, rung_times, warning_times
from cases.working_time import working_calendar
from config.errors import ConfigError
from config.places import load_places
from config.policies import NO_POLICY, POLICIES_FOLDER, Act, Policy, Quiet, Rung, load_policies
from config.services import load_services
from config.steps import Basis
from tests.rules.calendars import FIJI, FILE, INSTANTS, fiji

SERVICES, OFFICES = load_services(), load_places().offices
SHIPPED = load_policies(SERVICES, OFFICES)
Load = Callable[[str, str], Policy]


@pytest.fixture()
def with_policy(tmp_path: Path) -> Load:
    """Load the policy of birth registration with one passage replaced by another."""

    def load(passage: str, replacement: str) -> Policy:
        text = (POLICIES_FOLDER / "birth_registration.toml").read_text(encoding="utf-8")
        assert passage in text
        (tmp_path / "birth_registration.toml").write_text(
            text.replace(passage, replacement, 1), encoding="utf-8"
        )
        return load_policies(SERVICES, OFFICES, tmp_path)["birth-registration"]

    return load


def test_every_promised_time_of_a_service_is_watched() -> None:
    for key, service in SERVICES.items():
        timed = {step.key: step.sla for step in service.steps.values() if step.sla}
        assert {step: policy.sla for step, policy in SHIPPED[key].steps.items()} == timed


def test_a_service_without_a_file_has_times_and_no_ladder(tmp_path: Path) -> None:
    policy = load_policies(SERVICES, OFFICES, tmp_path)["birth-registration"]
    assert (policy.version, policy.pauses, policy.extension, policy.case) == (NO_POLICY, {}, (0, 0), {})
    assert not any(step.ladder or step.warnings for step in policy.steps.values())


def test_the_review_of_a_birth_is_watched_by_a_ladder() -> None:
    review = SHIPPED["birth-registration"].steps["review"]
    assert [(rung.act, rung.minutes(2400)) for rung in review.ladder] == [
        (Act.REMIND_OFFICER, 1920),
        (Act.NOTIFY_SUPERVISOR, 2400),
        (Act.MOVE_TO_POOL, 2640),
        (Act.TELL_CITIZEN, 2880),
        (Act.RAISE_TO_MANAGER, 3840),
    ]


def test_a_case_may_have_a_clock_of_its_own() -> None:
    assert SHIPPED["birth-registration"].case[Basis.SERVICE_STANDARD].sla.minutes == 30 * 480


def test_an_office_that_is_excepted_climbs_no_ladder(with_policy: Load) -> None:
    review = with_policy("[steps.review]", '[steps.review]\nexcepted = ["levuka"]').steps["review"]
    assert (review.ladder_in("levuka"), len(review.ladder_in("suva"))) == ((), 5)


@pytest.mark.parametrize(
    ("passage", "replacement", "message"),
    [
        (
            "[steps.review]",
            "[steps.reveiw]",
            "steps.reveiw: expected a step with a promised time: notification, ",
        ),
        (
            "[steps.review]",
            "[steps.certificate]",
            "steps.certificate: expected a step with a promised time: ",
        ),
        ("warnings = [80]", "warning = [80]", "steps.review.warning: expected one of the keys warnings, "),
        ("warnings = [80]", "warnings = [101]", "steps.review.warnings: expected per cents from 1 to 100"),
        ("warnings = [80]", "warnings = [80, 50]", "warnings: expected per cents from 1 to 100, each once"),
        ("warnings = [80]", "warnings = [true]", "warnings: expected per cents from 1 to 100"),
        ("tells = [", "tels = [", "tels: expected one of the keys service, version, "),
        (
            'tells = ["informant_phone", "informant_email"]',
            "",
            "tells: expected fields with an address, since a rung is to tell-citizen",
        ),
        ("version = 1", "version = 0", "version: expected a whole number from 1, found 0"),
        ('"birth-registration"', '"birth-correction"', "service: expected the service of this file's name"),
        ('"birth-registration"', '"birth"', "service: expected one of birth-correction, "),
        (
            "working_days = 30",
            "working_days = -30",
            "case.service-standard.working_days: expected a whole number",
        ),
        ("working_days = 30", "", "case.service-standard: expected one of working_days, working_hours, "),
        (
            "[case.service-standard]",
            "[case.standard]",
            "case.standard: expected one of the clocks statutory, ",
        ),
        (
            "[case.service-standard]",
            "[case.statutory]",
            "case.statutory.basis: expected service-standard, as long as no law is confirmed for it",
        ),
        (
            "at_percent = 80",
            "at_percent = 0",
            "steps.review.ladder[1].at_percent: expected a whole number from 1",
        ),
        ("at_percent = 80", "at_percent = 120", "ladder[1].at_percent: expected a per cent from 1 to 100"),
        (
            "at_percent = 80",
            "at_per_cent = 80",
            "steps.review.ladder[1].at_per_cent: expected one of the keys ",
        ),
        ("at_percent = 80, ", "", "steps.review.ladder[1]: expected one of at_percent, "),
        ("at_percent = 80, ", "at_percent = 80, late_working_days = 1, ", "found 2 of them"),
        (
            "late_working_hours = 0",
            "late_working_hours = -1",
            "ladder[2].late_working_hours: expected a whole",
        ),
        ('"remind-officer"', '"refuse"', "steps.review.ladder[1].act: expected one of remind-officer, "),
        ('"remind-officer"', '"approve"', "steps.review.ladder[1].act: expected one of remind-officer, "),
        (
            '"remind-officer"',
            '"tell-citizen"',
            "steps.review.ladder[1].at_percent: expected late_working_hours or late_working_days: ",
        ),
        (
            "late_working_hours = 4",
            "at_percent = 90",
            "ladder[3]: expected a rung no earlier than the one before",
        ),
        (
            'late_working_hours = 4, act = "move-to-pool"',
            'late_working_hours = 0, act = "notify-supervisor"',
            "steps.review.ladder[3].act: expected each act once at the same time",
        ),
        (
            '{ at_percent = 80, act = "notify-supervisor" }',
            '{ late_working_hours = 1, act = "notify-supervisor" }',
            "late_working_hours: expected at_percent, since notification ends by itself when its time",
        ),
        (
            "[steps.notification]",
            "[steps.evidence]",
            "steps.evidence.ladder[1].act: expected an act for what is nobody's task; this rung can't fire",
        ),
        (
            "warnings = [80]",
            'warnings = [80]\nexcepted = ["lomaloma"]',
            "steps.review.excepted: expected offices, of ",
        ),
        ('until = "08:00"', 'until = "18:00"', "quiet.until: expected another time than `from`"),
        (
            'until = "08:00"',
            'until = "8"',
            "quiet.until: expected a time such as 18:00, in quotes, found '8'",
        ),
        ("times = 2", "times = 0", "extensions.times: expected a whole number from 1"),
        ("times = 2", "", "extensions.times: expected a whole number from 1, found nothing"),
        ("evidence = true", 'evidence = "yes"', "pauses.hospital-asked.evidence: expected true or false"),
        ('words.en = "we', 'words.de = "we', "pauses.hospital-asked.words.de: expected one of the languages"),
    ],
)
def test_a_mistake_in_a_policy_is_told_with_file_and_key(
    with_policy: Load, passage: str, replacement: str, message: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        with_policy(passage, replacement)
    assert "birth_registration.toml: " in str(refused.value)
    assert message in str(refused.value)


CALENDAR = working_calendar(FILE, "registry", "central")
REVIEW = SHIPPED["birth-registration"].steps["review"]
CLOCK = start_clock(fiji("2025-02-10 08:00"), 2400, policy="1", calendar="1")


def test_each_rung_is_due_when_so_much_working_time_has_counted() -> None:
    assert rung_times(REVIEW.ladder, CLOCK, CALENDAR) == [
        fiji("2025-02-13 16:00"),  # 32 of 40 hours
        fiji("2025-02-17 09:00"),
        fiji("2025-02-17 13:00"),
        fiji("2025-02-18 09:00"),
        fiji("2025-02-20 09:00"),
    ]
    assert warning_times(REVIEW, CLOCK, CALENDAR) == [fiji("2025-02-13 16:00")]


def test_a_pause_moves_the_rungs_behind_it_and_hides_them_while_it_lasts() -> None:
    waiting = pause(CLOCK, at=fiji("2025-02-14 08:00"), by="mere", reason="hospital")
    reminder, *later = rung_times(REVIEW.ladder, waiting, CALENDAR)
    assert (reminder, set(later)) == (fiji("2025-02-13 16:00"), {None})
    going_on = resume(waiting, at=fiji("2025-02-17 08:00"), by="mere")
    assert rung_times(REVIEW.ladder, going_on, CALENDAR)[1] == fiji("2025-02-17 16:00")


def test_the_next_rung_is_the_first_that_was_not_climbed() -> None:
    times = rung_times(REVIEW.ladder, CLOCK, CALENDAR)
    assert next_rung(times) == (0, fiji("2025-02-13 16:00"))
    assert next_rung(times, {0, 1}) == (2, fiji("2025-02-17 13:00"))
    assert next_rung(times, range(5)) is None
    assert next_rung([None, None]) is None


EVENING = Quiet(18 * 60, 8 * 60)


@pytest.mark.parametrize(
    ("moment", "quiet", "written"),
    [
        ("2025-02-10 17:59", EVENING, "2025-02-10 17:59"),
        ("2025-02-10 18:00", EVENING, "2025-02-11 08:00"),
        ("2025-02-28 23:59", EVENING, "2025-03-01 08:00"),
        ("2025-02-10 07:59", EVENING, "2025-02-10 08:00"),
        ("2025-02-10 08:00", EVENING, "2025-02-10 08:00"),
        ("2025-02-10 12:30", Quiet(12 * 60, 13 * 60), "2025-02-10 13:00"),
        ("2025-02-10 13:00", Quiet(12 * 60, 13 * 60), "2025-02-10 13:00"),
        ("2025-02-10 03:00", None, "2025-02-10 03:00"),
    ],
)
def test_what_falls_into_quiet_hours_waits_for_their_end(
    moment: str, quiet: Quiet | None, written: str
) -> None:
    assert after_quiet(fiji(moment), quiet, FIJI) == fiji(written)


MINUTES_OF_A_DAY = st.integers(0, 1439)


@given(INSTANTS, MINUTES_OF_A_DAY, MINUTES_OF_A_DAY)
def test_nothing_is_written_in_quiet_hours_nor_a_day_late(moment: datetime, start: int, end: int) -> None:
    quiet = Quiet(start, end) if start != end else None
    written = after_quiet(moment, quiet, FIJI)
    assert timedelta() <= written - moment < timedelta(days=1)
    assert after_quiet(written, quiet, FIJI) == written


@given(
    INSTANTS,
    st.integers(1, 9_000),
    st.lists(st.integers(1, 100), min_size=1, max_size=5),
    st.integers(0, 5_000),
)
def test_rungs_are_due_in_their_order(since: datetime, minutes: int, percents: list[int], late: int) -> None:
    clock = start_clock(since, minutes, policy="1", calendar="1")
    ladder = [Rung(Act.NOTIFY_SUPERVISOR, percent, 0) for percent in sorted(percents)]
    times = rung_times([*ladder, Rung(Act.TELL_CITIZEN, None, late)], clock, CALENDAR, EVENING)
    known = [time for time in times if time]
    assert len(known) == len(times)
    assert known == sorted(known)
