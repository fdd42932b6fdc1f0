"""What reading a file gives: values, and sentences about the rows and cells that cannot be used."""

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class RowError:
    """What is wrong with a row, at which column, as a sentence with the next step."""

    row: int
    column: str
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportReport(Generic[T]):
    """What a file holds: values, errors that kept rows out, and notes about rows that came in all the same.

    `fields` are the attributes this format speaks about; the others are not to be overwritten. `lines` are the numbers
    of the rows the values begin at, one each; `sheet` is which sheet of the file was read, from 0.
    """

    kind: str
    rows: tuple[T, ...] = ()
    errors: tuple[RowError, ...] = ()
    notes: tuple[RowError, ...] = ()
    fields: frozenset[str] = frozenset()
    read: int = 0
    lines: tuple[int, ...] = ()
    sheet: int = 0


class WrongCell(Exception):
    """A cell that cannot be used; caught where the row is known."""

    def __init__(self, column: str, message: str) -> None:
        self.column = column
        self.message = message
        super().__init__(message)

    def at(self, row: int) -> RowError:
        """Return the error of this row."""
        return RowError(row=row, column=self.column, message=self.message)


class Unreadable(Exception):
    """The file as a whole cannot be used."""
