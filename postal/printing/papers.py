"""What goes with envelopes and people: labels, phiếu gửi, letters, guidance, records of incidents."""

from collections.abc import Sequence
from dataclasses import replace

from labels import (
    command_sheet,
    guidance,
    incident_record,
    invitation,
    label,
    receipt,
    result_slip,
    sheet,
)
from labels.command_sheet import PrintedCommand
from labels.guidance import Guidance, MissingPaper
from labels.incident_record import IncidentRecord
from labels.invitation import Invitation
from labels.label import ItemLabel
from labels.receipt import Charge, Copy, ExpectedAtAuthority, PaperLine, Receipt, ReceiptParty, ResultDue
from labels.record import Party
from labels.result_slip import ResultSlip
from postal.domain.commands import Command
from postal.printing import written
from postal.queries.dossiers import PaperLine as PrintedPaper
from postal.queries.incidents import IncidentPrint
from postal.queries.invitations import InvitationPrint
from postal.queries.prints import LIABILITY, RIGHTS, GuidancePrint, LabelPrint, PartyPrint, ReceiptPrint
from postal.queries.slips import SlipPrint
from postal.settings import Settings

SUPPLEMENT_TITLE = "PHIẾU GỬI GIẤY TỜ BỔ SUNG"


def label_pdf(prints: tuple[LabelPrint, ...]) -> bytes:
    """Return one label a page, 50 x 30 mm."""
    return label.label_pdf([_label(each) for each in prints])


def sheet_pdf(prints: tuple[LabelPrint, ...], *, start: int) -> bytes:
    """Return the labels on A4 sheets from a position on."""
    return sheet.sheet_pdf([_label(each) for each in prints], start=start)


def receipt_pdf(value: ReceiptPrint, *, settings: Settings) -> bytes:
    """Return the phiếu gửi: both copies when the value carries the secret, else the post's alone."""
    copies = (Copy.CITIZEN, Copy.POST) if value.secret else (Copy.POST,)
    return receipt.receipt_pdf(_receipt(value, settings=settings), copies=copies)


def result_slips_pdf(values: tuple[SlipPrint, ...], *, settings: Settings) -> bytes:
    """Return the phiếu gửi of results, the authority's copy and the post's copy of each."""
    return result_slip.result_slips_pdf([_result_slip(value, settings=settings) for value in values])


def guidance_pdf(value: GuidancePrint, *, settings: Settings) -> bytes:
    """Return the guidance for who was turned back."""
    return guidance.guidance_pdf(
        Guidance(
            office=value.office,
            time=value.time,
            citizen=value.citizen,
            procedure=value.procedure,
            authority=value.authority,
            missing=tuple(MissingPaper(name=m.name, wanted=m.wanted, reason=m.reason) for m in value.missing),
            not_by_post=value.not_by_post,
            source=value.source,
            hotline=settings.hotline,
            clerk=value.clerk,
        )
    )


def invitation_pdf(prints: Sequence[InvitationPrint], *, settings: Settings) -> bytes:
    """Return one letter a page, A5."""
    return invitation.invitation_pdf([_invitation(each, hotline=settings.hotline) for each in prints])


def supplement_receipt_pdf(value: ReceiptPrint, *, settings: Settings) -> bytes:
    """Return the phiếu gửi of papers that were brought later: both copies, neither with a secret."""
    made = replace(_receipt(value, settings=settings), title=SUPPLEMENT_TITLE)
    return receipt.receipt_pdf(made, copies=(Copy.WITHOUT_SECRET, Copy.POST))


def command_sheet_pdf() -> bytes:
    """Return the sheet of every command there is."""
    return command_sheet.command_sheet_pdf(
        [PrintedCommand(code=each.value, word=each.label, meaning=each.meaning) for each in Command]
    )


def incident_pdf(value: IncidentPrint) -> bytes:
    """Return the record of an incident for both sides to sign."""
    return incident_record.incident_record_pdf(
        IncidentRecord(
            code=value.code,
            kind=value.kind.lower(),
            item_codes=value.items,
            bag_code=value.bag,
            trip=value.trip,
            seal_on_bag=value.seal_seen,
            seal_on_manifest=value.seal_listed,
            found_at=written.instant(value.at),
            found_place=value.place,
            maker=Party(unit=value.maker, person=value.maker_person),
            other=Party(unit=value.other),
            description=value.story,
            maker_note=value.maker_note,
            other_note=value.other_note,
            due=written.instant(value.due_at),
        )
    )


def _label(value: LabelPrint) -> ItemLabel:
    return ItemLabel(
        code=value.code,
        headline=value.headline,
        destination=value.destination,
        time=value.time,
        office=value.office,
    )


def _invitation(value: InvitationPrint, *, hotline: str) -> Invitation:
    return Invitation(
        code=value.code,
        number=value.number,
        of=value.of,
        office=value.office,
        office_address=value.office_address,
        office_phone=value.office_phone,
        hours=value.hours,
        until=value.until,
        receiver=value.receiver,
        address=value.address,
        bring=value.bring,
        printed_on=value.printed_on,
        hotline=hotline,
    )


def _result_slip(value: SlipPrint, *, settings: Settings) -> ResultSlip:
    return ResultSlip(
        item_code=value.item,
        dossier_code=value.dossier,
        official_code=value.official_code,
        post_number=value.post_number,
        seal_number=value.seal,
        is_pre_sealed=value.sealed_by_authority,
        office=value.office,
        sender=_party(value.sender),
        receiver=_party(value.receiver),
        procedure=value.procedure,
        papers=tuple(map(_paper, value.papers)),
        to_recover=value.to_recover,
        fee=value.fee,
        postage=value.postage,
        received_at=value.received_at,
        received_place=value.received_place,
        method=value.method,
        quality=value.quality,
        rights=RIGHTS,
        liability=LIABILITY,
        hotline=settings.hotline,
        officer=value.officer,
        clerk=value.clerk,
    )


def _paper(paper: PrintedPaper) -> PaperLine:
    return PaperLine(
        name=paper.name,
        originals=paper.originals,
        certified=paper.certified,
        copies=paper.copies,
        note="trả lại bản chính" if paper.to_return else "",
    )


def _receipt(value: ReceiptPrint, *, settings: Settings) -> Receipt:
    return Receipt(
        code=value.code,
        public_url=settings.public_url,
        secret=value.secret,
        pin=value.pin,
        office=value.office,
        sender=_party(value.sender),
        receiver=_party(value.receiver),
        on_behalf_of=value.on_behalf_of,
        service=value.service,
        procedure=value.procedure,
        papers=tuple(map(_paper, value.papers)),
        papers_note=value.papers_note,
        received_at=value.received_at,
        received_place=value.office,
        method=value.method,
        weight=value.weight,
        item_code=value.item_code,
        post_number=value.post_number,
        seal_number=value.seal_number,
        quality=value.quality,
        promise=ResultDue(value.due) if value.due else ExpectedAtAuthority(value.expected),
        charges=tuple(Charge(name=c.name, amount=c.amount, payment=c.payment) for c in value.charges),
        rights=RIGHTS,
        liability=LIABILITY,
        hotline=settings.hotline,
        clerk=value.clerk,
    )


def _party(value: PartyPrint) -> ReceiptParty:
    return ReceiptParty(name=value.name, address=value.address, phone=value.phone, email=value.email)
