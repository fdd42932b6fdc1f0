"""Printing at the terminal: labels, the phiếu gửi of a dossier, and every form by its name."""

import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from postal.cli import answers, opening
from postal.cli.answers import Json
from postal.domain import codes
from postal.domain.codes import Code, CodeKind
from postal.domain.dossier import Dossier
from postal.domain.item import Item
from postal.domain.lifecycle import UnknownCode
from postal.domain.people import Actor, Role

if TYPE_CHECKING:
    from postal.queries.prints import ReceiptPrint
    from postal.store import Store

Out = Annotated[Path, typer.Option(help="Tệp PDF để ghi.", dir_okay=False)]

TERMINAL = "terminal"


def label(
    code: Annotated[str, typer.Argument(help="Mã trên nhãn (bắt đầu bằng P), hoặc mã hồ sơ để in mọi nhãn của hồ sơ.")],
    out: Out,
    as_json: Json = False,
) -> None:
    """In nhãn 50 × 30 mm của bưu gửi."""
    from postal.printing import papers
    from postal.queries import prints

    wanted = codes.parse(code)
    with opening.store() as store:
        items = _items(store, wanted)
        found = prints.labels(store, [item.code for item in items], actor=_operator(items[0].origin))
    answers.write(out, papers.label_pdf(found))
    told = {"file": str(out), "labels": [one.code for one in found]}
    answers.give(told, [f"Đã ghi {len(found)} nhãn vào {out}."], as_json=as_json)


def receipt(code: Annotated[str, typer.Argument(help="Mã hồ sơ.")], out: Out, as_json: Json = False) -> None:
    """In phiếu gửi; liên của khách chỉ in được trong ngày cấp, sau đó phải cấp lại tại quầy."""
    from labels.receipt import Copy
    from postal.printing import papers
    from postal.services import audit

    wanted = codes.parse(code, kind=CodeKind.DOSSIER).text
    settings, at = opening.settings(), opening.now()
    with opening.store() as store:
        found, has_citizens_copy = _receipt(store, wanted, at=at)
        audit.note(store, account=TERMINAL, place="", what="receipt_printed", subject=wanted, at=at)
    copies = (Copy.CITIZEN, Copy.POST) if has_citizens_copy else (Copy.POST,)
    answers.write(out, papers.receipt_pdf(found, settings=settings))
    if not has_citizens_copy:
        print("Chỉ in liên bưu điện giữ: liên khách đã giao từ trước, mất thì cấp lại tại quầy.", file=sys.stderr)
    told = {"file": str(out), "copies": [copy.value for copy in copies]}
    answers.give(told, [f"Đã ghi phiếu gửi vào {out}."], as_json=as_json)


def form(
    name: Annotated[str, typer.Argument(help="Tên mẫu: mau-01 … mau-07, phieu-gui, bien-ban-giao-nhan, giay-moi …")],
    code: Annotated[str, typer.Argument(help="Mã để in; mau-07 và so-theo-doi: NƠI/NĂM hoặc NƠI/NĂM-THÁNG.")],
    out: Annotated[Path, typer.Option(help="Tệp để ghi: .pdf; sổ theo dõi còn ghi được .xlsx, .csv.", dir_okay=False)],
    as_json: Json = False,
) -> None:
    """In một mẫu bất kỳ theo tên và mã; mẫu của Một cửa theo số của bộ mẫu có hiệu lực ngày tiếp nhận."""
    from postal.printing import catalogue
    from postal.services import audit

    kind = out.suffix.lower().lstrip(".")
    with opening.store() as store:
        desk = catalogue.Desk(store=store, settings=opening.settings(), at=opening.now(), kind=kind or "pdf")
        made = catalogue.printed(name, code, desk=desk)
        audit.note(store, account=TERMINAL, place="", what=made.what, subject=made.subject, at=desk.at)
    answers.write(out, made.content)
    told = {"file": str(out), "form": name, "bytes": len(made.content)}
    answers.give(told, [f"Đã ghi {name} vào {out}."], as_json=as_json)


def _operator(place: str) -> Actor:
    """Return whoever runs this machine as somebody acting at a place: he holds the keys of the data anyway."""
    return Actor(account=TERMINAL, name="Quản trị máy chủ", place=place, roles=frozenset({Role.CONTROLLER}))


def _items(store: "Store", wanted: Code) -> Sequence[Item]:
    """Return the envelopes that a code names, all of a dossier's or one. Raises: UnknownCode."""
    from postal.queries import counter

    with store.read() as reader:
        if wanted.kind is CodeKind.DOSSIER:
            items = [i for i in counter.items_by_dossier(reader, [wanted.text])[wanted.text] if not i.is_final]
        else:
            items = list(reader.many(Item, [wanted.text]).values())
    if not items:
        raise UnknownCode(thing=str(wanted))
    return items


def _receipt(store: "Store", code: str, *, at: datetime) -> "tuple[ReceiptPrint, bool]":
    """Return the contract, and whether the citizen's copy may still be printed. Raises: UnknownCode, NoReceipt."""
    from postal.queries import prints

    with store.read() as reader:
        dossier = reader.thing(Dossier, code)
    if dossier is None:
        raise UnknownCode(thing=codes.shown(code))
    if not dossier.office:
        raise prints.NoReceipt(dossier=codes.shown(code), why="hồ sơ không nộp qua bưu điện")
    actor = _operator(dossier.office)
    try:
        return prints.receipt(store, code, actor=actor, at=at, for_citizen=True), True
    except prints.CopyIsOut:
        return prints.receipt(store, code, actor=actor, at=at, for_citizen=False), False
