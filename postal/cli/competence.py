"""Who decides, at the terminal: from a procedure and an address of any era, with every step and its basis.

Exit codes of `competent`: 0 decided, 3 somebody must choose, 4 nobody published the rule.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from postal.cli import answers, catalogue, opening
from postal.cli.answers import Json
from postal.cli.catalogue import DryRun, Errors, File

if TYPE_CHECKING:
    from postal.domain.places import Place
    from postal.domain.who_decides import Answer

MUST_CHOOSE = 3
NOT_PUBLISHED = 4


class About(StrEnum):
    """Whom the dossier is about."""

    PERSON = "person"
    ORGANISATION = "organisation"


@dataclass(frozen=True, kw_only=True, slots=True)
class CompetentAnswer:
    """Who decides, as the terminal tells it; what is not known is None."""

    outcome: str
    procedure: dict[str, Any]
    address: str
    commune: dict[str, str] | None
    candidates: tuple[dict[str, str], ...]
    authority: dict[str, str] | None
    desk: dict[str, str] | None
    handed_in: dict[str, str] | None
    received: dict[str, str] | None
    may_receive: bool | None
    delegation: str
    lane: dict[str, Any] | None
    expected_on: str | None
    basis: str
    steps: tuple[dict[str, str], ...]
    next_step: str


def competent(
    procedure: Annotated[str, typer.Option(help="Mã thủ tục trong danh mục.")],
    address: Annotated[str, typer.Option(help="Địa chỉ của vụ việc: mới hoặc cũ, viết thế nào cũng được.")],
    choose: Annotated[str, typer.Option(help="Mã xã, phường đã chọn khi địa chỉ có thể ở nhiều nơi.")] = "",
    subject: Annotated[About, typer.Option(help="Chủ hồ sơ là cá nhân hay tổ chức.")] = About.PERSON,
    handed_in: Annotated[str, typer.Option("--at", help="Mã bưu cục hoặc Một cửa nơi nộp.")] = "",
    on: Annotated[str, typer.Option(help="Thời điểm nộp; để trống là bây giờ.")] = "",
    as_json: Json = False,
) -> None:
    """Cho biết ai giải quyết, nơi tiếp nhận, tuyến chuyển, từng bước. Mã thoát 3: phải chọn, 4: chưa công bố."""
    from postal.domain.competence import Subject
    from postal.domain.who_decides import Outcome

    at = catalogue.instant(on) if on else opening.now()
    asked = {"chosen": choose, "subject": Subject(subject.value), "handed_in": handed_in}
    found = _from_store(procedure, address, at, asked) if catalogue.has_database() else None
    if found is None:
        found = _from_shipped(procedure, address, at, asked)
    answers.give(_told(found), _lines(found), as_json=as_json)
    if found.outcome is Outcome.NEEDS_CHOICE:
        raise typer.Exit(MUST_CHOOSE)
    if found.outcome is Outcome.NOT_PUBLISHED:
        raise typer.Exit(NOT_PUBLISHED)


def _from_store(procedure: str, address: str, at: datetime, asked: dict[str, Any]) -> "Answer":
    from postal.queries import competence

    with opening.any_store() as store:
        return competence.answer(store, procedure=procedure, address=address, at=at, **asked)


def _from_shipped(procedure: str, address: str, at: datetime, asked: dict[str, Any]) -> "Answer":
    from postal.domain import calendars, procedures, who_decides
    from postal.domain.who_decides import Question
    from postal.services import shipped
    from postal.services.shipped_catalogue import ShippedCatalogue

    on = calendars.local(at).date()
    version = procedures.in_force(shipped.procedures(), code=procedure, on=on)
    question = Question(procedure=version, address=address, at=at, **asked)
    return who_decides.answer(ShippedCatalogue(on=on), question)


def _told(found: "Answer") -> CompetentAnswer:
    decided, reception, lane = found.competence, found.reception, found.lane
    version = found.procedure
    return CompetentAnswer(
        outcome=found.outcome.value,
        procedure={"code": version.code, "version": version.version, "name": version.name},
        address=found.address,
        commune=None if found.commune is None else _commune(found.commune),
        candidates=tuple(map(_commune, found.candidates)),
        authority=_place(decided.authority) if decided else None,
        desk=_place(decided.desk) if decided else None,
        handed_in=_place(reception.handed_in) if reception else None,
        received=_place(reception.received) if reception else None,
        may_receive=reception.may_receive if reception else None,
        delegation=decided.delegation if decided else "",
        lane=answers.plain(lane) | {"cutoff": f"{lane.cutoff:%H:%M}"} if lane else None,
        expected_on=found.expected.due_on.isoformat() if found.expected else None,
        basis=decided.basis if decided else "",
        steps=tuple({"text": step.text, "basis": step.basis} for step in found.steps),
        next_step=found.next_step,
    )


def _commune(found: Any) -> dict[str, str]:
    return {"code": found.code, "name": found.name, "province": found.province, "formerly": found.formerly}


def _place(place: "Place") -> dict[str, str]:
    return {"code": place.code, "name": place.name}


def _lines(found: "Answer") -> list[str]:
    lines = []
    if found.competence is not None:
        lines += [f"Giải quyết: {found.competence.authority.name}.", f"Nơi tiếp nhận: {found.competence.desk.name}."]
    lines += [f"{n}. {step.text}{f' [{step.basis}]' if step.basis else ''}" for n, step in enumerate(found.steps, 1)]
    lines += [f"- {each.code}: {each.label}" for each in found.candidates]
    return [*lines, *([found.next_step] if found.next_step else [])]


# --- imports ----------------------------------------------------------------------------------------------------------


def import_lanes(file: File, dry_run: DryRun = False, errors: Errors = None, as_json: Json = False) -> None:
    """Nhập tuyến chuyển: nơi đi, nơi đến, mức J+n, giờ chốt, ngày hiệu lực, căn cứ; từ chối tuyến trùng ngày."""
    from postal.services import deciding

    catalogue.run_import(deciding.import_lanes, file, dry_run=dry_run, errors=errors, as_json=as_json)


def import_delegations(file: File, dry_run: DryRun = False, errors: Errors = None, as_json: Json = False) -> None:
    """Nhập ủy quyền giải quyết: cơ quan ủy quyền, nơi được ủy quyền, thủ tục hoặc lĩnh vực, ngày, căn cứ."""
    from postal.services import deciding

    catalogue.run_import(deciding.import_delegations, file, dry_run=dry_run, errors=errors, as_json=as_json)


def import_successions(file: File, dry_run: DryRun = False, errors: Errors = None, as_json: Json = False) -> None:
    """Nhập việc đổi tên, sáp nhập, chia tách xã, phường sau 01/7/2025, kèm căn cứ."""
    from postal.services import deciding

    catalogue.run_import(deciding.import_successions, file, dry_run=dry_run, errors=errors, as_json=as_json)
