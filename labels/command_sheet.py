"""The sheet of commands beside a scanner: A4, one QR symbol a command, laminated and hung on the wall."""

from collections.abc import Sequence
from dataclasses import dataclass

from labels import payload, qr, typesetting

MOST_COMMANDS = 16
"""Four by four: the symbols stand further apart than the beam of a hand scanner is wide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedCommand:
    """One command of the sheet."""

    code: str
    """Ten symbols, with or without hyphen."""
    word: str
    meaning: str


def command_sheet_pdf(commands: Sequence[PrintedCommand]) -> bytes:
    """Return the sheet on one page of A4, read from left to right, then down.

    Raises: Unprintable, for a wrong code; ValueError, for no command or more than fit.
    """
    if not 1 <= len(commands) <= MOST_COMMANDS:
        raise ValueError(f"A sheet has 1 to {MOST_COMMANDS} commands, not {len(commands)}.")
    return typesetting.pdf("command-sheet", {"commands": [_typeset(command) for command in commands]})


def _typeset(command: PrintedCommand) -> dict[str, typesetting.Json]:
    return {
        "code": payload.shown(command.code),
        "qr": typesetting.picture(qr.symbol(payload.item_code(command.code))),
        "word": command.word,
        "meaning": command.meaning,
    }
