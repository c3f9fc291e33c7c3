"""What the machine must have: looked for by what it is used as."""

from __future__ import annotations

from cli.machine import FOR_LETTERS, Need, command_for, missing

ABSENT = Need("A harp", ("libharp-of-nowhere.so.9",), "libharp9")
NO_COMMAND = Need("A spinning wheel", ("spin-of-nowhere",), "spinning-wheel", library=False)


def test_what_letters_need_is_on_a_machine_that_runs_these_tests() -> None:
    assert missing(FOR_LETTERS) == []


def test_a_library_or_a_command_that_is_absent_is_missing() -> None:
    assert missing([ABSENT, NO_COMMAND, FOR_LETTERS[0]]) == [ABSENT, NO_COMMAND]


def test_one_name_of_several_is_enough() -> None:
    shell = Need("A shell", ("no-such-shell", "sh"), "dash", library=False)
    assert missing([shell]) == []


def test_one_command_installs_all_that_is_missing() -> None:
    command = command_for([ABSENT, NO_COMMAND])
    assert "install" in command
    assert "\n" not in command
