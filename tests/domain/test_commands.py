"""The commands of the printed sheet have codes of their own, far from each other and safe on every keyboard."""

import itertools

import pytest

from postal.domain import codes, commands, scans
from postal.domain.codes import CodeKind
from postal.domain.commands import Command
from tests.domain.vietnamese_keyboard import KEYBOARDS


@pytest.mark.parametrize("command", Command)
def test_each_command_has_a_valid_code_and_is_found_by_it(command: Command) -> None:
    assert command.code.kind is CodeKind.COMMAND
    assert commands.of(command.code) is command
    assert commands.of(codes.parse(str(command.code).lower())) is command
    assert all(before != after for before, after in itertools.pairwise(command.value))


def test_any_two_commands_differ_in_seven_symbols_at_least() -> None:
    for one, other in itertools.combinations(Command, 2):
        assert sum(a != b for a, b in zip(one.value, other.value, strict=True)) >= 7


def test_other_codes_are_no_command() -> None:
    assert commands.of(codes.parse("7K2M4-9RTBQ")) is None
    assert commands.of(codes.parse("K3NK3-R5XHF")) is Command.PRESET_9
    nine = "K22345678"
    assert commands.of(codes.parse(nine + codes.check_symbol(nine))) is None


def test_the_words_are_those_of_the_sheet() -> None:
    assert [command.label for command in Command][:7] == [
        "XONG", "HOÀN TÁC", "THỪA", "THIẾU", "RÁCH", "SAI NƠI", "IN LẠI",
    ]  # fmt: skip
    assert [command.preset for command in Command if command.preset] == list(range(1, 10))
    assert Command.DONE.preset is None
    assert len({command.label for command in Command} | {command.label_en for command in Command}) == 32
    assert Command.PRESET_3.label == "ALT 3"
    assert all(command.meaning for command in Command)


@pytest.mark.parametrize("command", Command)
def test_a_command_comes_through_every_keyboard_or_is_refused(command: Command) -> None:
    for keyboard in KEYBOARDS:
        try:
            scan = scans.read_scan(keyboard.type(command.value))
        except scans.Garbled:
            assert keyboard.method == "windows"
            continue
        assert scan == scans.OurCode(command.code)
