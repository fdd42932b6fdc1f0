"""Lines of a file with their numbers, and numbers out of them; what cannot be read is named by its line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


class BadFile(ValueError):
    """The file cannot be understood; says at which line, counted from 1."""

    def __init__(self, problem: str, *, line: int) -> None:
        self.line = line
        super().__init__(f"line {line}: {problem}")


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not empty, and where it stands."""

    number: int
    text: str

    def integers(self, least: int, *, what: str) -> list[int]:
        """Return the whole numbers of this line, at least so many.

        Raises:
            BadFile: there are fewer, or something else.
        """
        return [self._whole(each, what) for each in self._fields(least, what)]

    def numbers(self, least: int, *, what: str) -> list[float]:
        """Return the numbers of this line, at least so many; see `integers`."""
        try:
            return [float(each) for each in self._fields(least, what)]
        except ValueError:
            raise BadFile(f"{what} are numbers, not {self.text!r}", line=self.number) from None

    def _fields(self, least: int, what: str) -> list[str]:
        fields = self.text.split()
        if len(fields) < least:
            raise BadFile(f"{what} are {least} numbers, here are {len(fields)}", line=self.number)
        return fields

    def _whole(self, field: str, what: str) -> int:
        try:
            value = float(field)
            whole = int(value)
        except (ValueError, OverflowError):
            raise BadFile(f"{what} are whole numbers, not {field!r}", line=self.number) from None
        if whole != value:
            raise BadFile(f"{what} are whole numbers, not {field!r}", line=self.number)
        return whole


@dataclass(frozen=True, slots=True)
class Lines:
    """What a file says, without its empty lines."""

    all: tuple[Line, ...]
    last: int
    name: str

    @staticmethod
    def of(path: Path) -> Lines:
        """Read a file; a byte that is no UTF-8 makes it unreadable.

        Raises:
            BadFile: it is no text, or has no line.
        """
        try:
            rows = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            raise BadFile("this is no text", line=1) from None
        kept = tuple(Line(number, row.strip()) for number, row in enumerate(rows, start=1) if row.strip())
        if not kept:
            raise BadFile("the file is empty", line=1)
        return Lines(kept, len(rows), path.stem)

    def after(self, heading: str) -> tuple[Line, ...]:
        """Return the lines after the one that is this heading.

        Raises:
            BadFile: there is none.
        """
        for at, line in enumerate(self.all):
            if line.text.split(":")[0].strip().upper() == heading:
                return self.all[at + 1 :]
        raise BadFile(f"the file ends without {heading}", line=self.last)
