"""The papers of the form: laid out by the procedure's list, and read as entries in the end."""

from collections.abc import Iterator

from postal.domain.procedures import PaperRequired
from postal.services.registration import PaperEntry
from postal.web import forms
from postal.web.registering import lines, tariff
from postal.web.registering.drafts import Draft
from postal.web.registering.lines import PaperField

FREE_LINES = 3
MOST_LINES = 60


def lay_out(draft: Draft) -> None:
    """Show the list of the procedure; lines that were counted under another procedure stay as free lines."""
    typed_lines = list(_typed_lines(draft))
    code = draft.form.typed.get("procedure", "")
    if draft.form.typed.get("lines_for", "") == code and typed_lines:
        asked = _asked(draft)
        draft.lines = [lines.as_listed(line, asked.get(line.name)) for line in typed_lines]
        return
    listed = [lines.fresh(paper) for paper in _asked(draft).values()]
    names = {line.name for line in listed}
    kept = [line for line in typed_lines if line.is_counted and line.name not in names]
    free = 1 if draft.procedure is not None and draft.procedure.version.papers_verified else FREE_LINES
    draft.lines = [*listed, *kept, *[PaperField()] * free] if code else typed_lines
    draft.form.typed["lines_for"] = code
    tariff.propose_fees(draft)


def complete(draft: Draft) -> None:
    """Fill in every required line as the list asks for it."""
    asked = _asked(draft)
    draft.lines = [lines.all_present(line, asked.get(line.name)) for line in draft.lines]


def add_lines(draft: Draft) -> None:
    """Put a few free lines below."""
    draft.lines += [PaperField()] * FREE_LINES


def _asked(draft: Draft) -> dict[str, PaperRequired]:
    return {paper.name: paper for paper in draft.procedure.papers} if draft.procedure else {}


def _typed_lines(draft: Draft) -> Iterator[PaperField]:
    typed = draft.form.typed.get("line_count", "")
    how_many = int(typed[:3]) if typed.isascii() and typed.isdigit() else 0
    for number in range(min(how_many, MOST_LINES)):
        of = {part: draft.form.typed.get(f"line_{number}_{part}", "") for part in ("name", *lines.COUNTS, "to_return")}
        yield PaperField(
            name=of["name"],
            originals=of["originals"],
            certified=of["certified"],
            copies=of["copies"],
            to_return=bool(of["to_return"]),
        )


def entries(draft: Draft) -> tuple[PaperEntry, ...]:
    """Return the lines that have a name; a number without a name is asked for one."""
    found: list[PaperEntry] = []
    for number, line in enumerate(draft.lines):
        counts = {part: _count(draft, number, part, getattr(line, part)) for part in lines.COUNTS}
        if not line.name and any(counts.values()):
            draft.form.refuse(f"line_{number}_name", "Nhập tên giấy tờ cho dòng đã có số lượng.")
        if line.name and (line.is_listed or line.is_counted or _names_what_is_missing(draft)):
            name = draft.form.parsed(f"line_{number}_name", forms.line, default=line.name)
            found.append(PaperEntry(name=name or line.name, to_return=line.to_return, **counts))
    return tuple(found)


def _names_what_is_missing(draft: Draft) -> bool:
    """Tell whether lines without a number name what is missing: on a list nobody has verified."""
    return draft.procedure is not None and not draft.procedure.version.papers_verified


def _count(draft: Draft, number: int, part: str, text: str) -> int:
    draft.form.typed[f"line_{number}_{part}"] = text
    return draft.form.count(f"line_{number}_{part}", most=999)
