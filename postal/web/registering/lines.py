"""The paper lines of the form: counts as typed, beside what the procedure's list asks for."""

from dataclasses import dataclass, replace

from postal.domain.procedures import PaperRequired

COUNTS = ("originals", "certified", "copies")


@dataclass(frozen=True, kw_only=True, slots=True)
class PaperField:
    """A paper line of the form: counts as typed, and what the procedure's list asks for."""

    name: str = ""
    originals: str = ""
    certified: str = ""
    copies: str = ""
    to_return: bool = False
    asked: str = ""
    note: str = ""
    is_listed: bool = False
    is_required: bool = False

    @property
    def is_counted(self) -> bool:
        """Tell whether any number was typed."""
        return bool(self.originals or self.certified or self.copies)


def fresh(asked: PaperRequired) -> PaperField:
    """Return the empty line of a paper on the list; one that comes back is marked so from the start."""
    return as_listed(PaperField(name=asked.name, to_return=bool(asked.returned_to_citizen)), asked)


def as_listed(line: PaperField, asked: PaperRequired | None) -> PaperField:
    """Return a line with what the list asks for."""
    if asked is None:
        return line
    return replace(line, is_listed=True, is_required=asked.required, asked=_asked_in_words(asked), note=asked.note)


def all_present(line: PaperField, asked: PaperRequired | None) -> PaperField:
    """Return a required line filled in as asked; a line that was counted stays as it is."""
    if asked is None or not asked.required or line.is_counted:
        return line
    if not asked.originals + asked.certified + asked.copies:
        return replace(line, originals="1")
    return replace(
        line,
        originals=str(asked.originals or ""),
        certified=str(asked.certified or ""),
        copies=str(asked.copies or ""),
    )


def _asked_in_words(asked: PaperRequired) -> str:
    """Return what a line of the list asks for, as a clerk reads it."""
    parts = (
        (asked.originals, "bản chính"),
        (asked.certified, "bản sao chứng thực"),
        (asked.copies, "bản sao"),
    )
    return ", ".join(f"{many} {what}" for many, what in parts if many)
