"""Printing at the terminal: the label of an envelope and the phiếu gửi of a dossier, as PDF."""

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
    from labels.receipt import Receipt, ReceiptParty
    from postal.queries.prints import PartyPrint, ReceiptPrint
    from postal.settings import Settings
    from postal.store import Store

Out = Annotated[Path, typer.Option(help="Tệp PDF để ghi.", dir_okay=False)]

TERMINAL = "terminal"


def label(
    code: Annotated[str, typer.Argument(help="Mã trên nhãn (bắt đầu bằng P), hoặc mã hồ sơ để in mọi nhãn của hồ sơ.")],
    out: Out,
    as_json: Json = False,
) -> None:
    """In nhãn 50 × 30 mm của bưu gửi."""
    from labels import label as labels
    from postal.queries import prints

    wanted = codes.parse(code)
    with opening.store() as store:
        items = _items(store, wanted)
        found = prints.labels(store, [item.code for item in items], actor=_operator(items[0].origin))
    printed = [
        labels.ItemLabel(
            code=one.code, headline=one.headline, destination=one.destination, time=one.time, office=one.office
        )
        for one in found
    ]
    answers.write(out, labels.label_pdf(printed))
    told = {"file": str(out), "labels": [one.code for one in found]}
    answers.give(told, [f"Đã ghi {len(found)} nhãn vào {out}."], as_json=as_json)


def receipt(code: Annotated[str, typer.Argument(help="Mã hồ sơ.")], out: Out, as_json: Json = False) -> None:
    """In phiếu gửi; liên của khách chỉ in được trong ngày cấp, sau đó phải cấp lại tại quầy."""
    from labels import receipt as receipts
    from postal.services import audit

    wanted = codes.parse(code, kind=CodeKind.DOSSIER).text
    settings, at = opening.settings(), opening.now()
    with opening.store() as store:
        found, has_citizens_copy = _receipt(store, wanted, at=at)
        audit.note(store, account=TERMINAL, place="", what="receipt_printed", subject=wanted, at=at)
    copies = (receipts.Copy.CITIZEN, receipts.Copy.POST) if has_citizens_copy else (receipts.Copy.POST,)
    answers.write(out, receipts.receipt_pdf(_contract(found, settings), copies=copies))
    if not has_citizens_copy:
        print("Chỉ in liên bưu điện giữ: liên khách đã giao từ trước, mất thì cấp lại tại quầy.", file=sys.stderr)
    told = {"file": str(out), "copies": [copy.value for copy in copies]}
    answers.give(told, [f"Đã ghi phiếu gửi vào {out}."], as_json=as_json)


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


def _contract(found: "ReceiptPrint", settings: "Settings") -> "Receipt":
    from labels import receipt as receipts
    from postal.queries import prints

    promise = receipts.ResultDue(found.due) if found.due else receipts.ExpectedAtAuthority(found.expected)
    return receipts.Receipt(
        code=found.code,
        public_url=settings.public_url,
        secret=found.secret,
        pin=found.pin,
        office=found.office,
        sender=_party(found.sender),
        receiver=_party(found.receiver),
        on_behalf_of=found.on_behalf_of,
        service=found.service,
        procedure=found.procedure,
        papers=tuple(
            receipts.PaperLine(
                name=line.name,
                originals=line.originals,
                certified=line.certified,
                copies=line.copies,
                note="trả lại bản chính" if line.to_return else "",
            )
            for line in found.papers
        ),
        papers_note=found.papers_note,
        received_at=found.received_at,
        received_place=found.office,
        method=found.method,
        weight=found.weight,
        item_code=found.item_code,
        post_number=found.post_number,
        seal_number=found.seal_number,
        quality=found.quality,
        promise=promise,
        charges=tuple(receipts.Charge(name=c.name, amount=c.amount, payment=c.payment) for c in found.charges),
        rights=prints.RIGHTS,
        liability=prints.LIABILITY,
        hotline=settings.hotline,
        clerk=found.clerk,
    )


def _party(party: "PartyPrint") -> "ReceiptParty":
    from labels import receipt as receipts

    return receipts.ReceiptParty(name=party.name, address=party.address, phone=party.phone, email=party.email)
