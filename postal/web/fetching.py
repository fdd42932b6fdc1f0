"""The form of fetching papers at a door: each paper counted, the envelope sealed, the sender's signature."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from postal.domain import item
from postal.domain.codes import WrongCode
from postal.domain.lifecycle import LabelBound
from postal.domain.proofs import NoInk
from postal.domain.refusals import Refused
from postal.queries.home_pickups import PaperToFetch
from postal.web.photos import NotAPhoto, PhotoTooLarge

BLANK_LINES = 2
"""Lines for papers that stand on no list."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PaperLine:
    """A paper as the form asks for it; without a name it is one that stands on no list."""

    number: int
    name: str
    hint: str
    is_named: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Fetching:
    """The form with what was typed. `kept` is a proof that was taken already, `request` the number of the form."""

    lines: tuple[PaperLine, ...]
    typed: Mapping[str, str]
    kept: str
    request: str
    errors: dict[str, str]

    def value(self, name: str) -> str:
        """Return what was typed in a field."""
        return self.typed.get(name, "")

    def ticked(self, name: str) -> bool:
        """Tell whether a box was ticked."""
        return name in self.typed


def fresh(papers: Sequence[PaperToFetch]) -> Fetching:
    """Return the empty form; originals that the procedure gives back are marked so."""
    marked = {f"back_{number}": "1" for number, paper in enumerate(papers, start=1) if paper.to_return}
    return Fetching(lines=_lines(papers), typed=marked, kept="", request=secrets.token_hex(16), errors={})


def again(typed: dict[str, str], *, refused: Refused, kept: str, papers: Sequence[PaperToFetch]) -> Fetching:
    """Return the form as it was sent, with the sentence beside the field that needs mending."""
    field = next((name for kind, name in _FIELDS.items() if isinstance(refused, kind)), "papers")
    return Fetching(
        lines=_lines(papers),
        typed=typed,
        kept=kept,
        request=typed.get("request") or secrets.token_hex(16),
        errors={field: str(refused)},
    )


def _lines(papers: Sequence[PaperToFetch]) -> tuple[PaperLine, ...]:
    listed = [
        PaperLine(number=number, name=paper.name, hint=_hint(paper), is_named=True)
        for number, paper in enumerate(papers, start=1)
    ]
    blank = [
        PaperLine(number=number, name="", hint="", is_named=False)
        for number in range(len(listed) + 1, len(listed) + 1 + BLANK_LINES)
    ]
    return (*listed, *blank)


def _hint(paper: PaperToFetch) -> str:
    """Say what the list asks for."""
    counts = ((paper.originals, "bản chính"), (paper.certified, "bản sao chứng thực"), (paper.copies, "bản sao"))
    asked = ", ".join(f"{count} {name}" for count, name in counts if count)
    return " · ".join(words for words in ("bắt buộc" if paper.is_required else "", asked) if words)


_FIELDS: dict[type[Refused], str] = {
    item.NotSealed: "seal",
    WrongCode: "label",
    LabelBound: "label",
    item.NoProof: "proof",
    NoInk: "proof",
    NotAPhoto: "proof",
    PhotoTooLarge: "proof",
}
