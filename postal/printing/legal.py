"""Forms 01 to 07 of the one-stop circulars, and the hand-over of results."""

from collections.abc import Callable
from typing import Any

from labels import (
    apology,
    control_slip,
    payload,
    reception_slip,
    refusal_slip,
    register_book,
    result_handover,
    stop_notice,
    supplement_request,
)
from labels.apology import Apology
from labels.control_slip import ControlSlip, Hop, InTime
from labels.official_form import Applicant, Head
from labels.reception_slip import HandedIn, ReceptionSlip
from labels.refusal_slip import RefusalSlip
from labels.register_book import RegisterBook, RegisterLine
from labels.result_handover import ResultHandover, ResultLine
from labels.stop_notice import StopNotice
from labels.supplement_request import SupplementRequest
from postal.queries.dossiers import PaperLine
from postal.queries.forms import (
    ApologyPrint,
    ApplicantPrint,
    ControlPrint,
    FormPrint,
    HeadPrint,
    HopPrint,
    ReceptionPrint,
    RefusalPrint,
    ResultsPrint,
    StopPrint,
    SupplementPrint,
    moment,
)
from postal.queries.register import RegisterPrint
from postal.settings import Settings

BLANK_ROWS = 2
"""Rows of the control slip for hand-offs that are still to come."""


def form_pdf(value: FormPrint, *, settings: Settings) -> bytes:
    """Return one of the forms 01 to 06."""
    return _MAKERS[type(value)](value, settings)


def results_pdf(value: ResultsPrint) -> bytes:
    """Return the hand-over of results."""
    head = Head(form="", desk=value.giver, place_and_day=value.place_and_day, code=value.code, is_record=True)
    return result_handover.result_handover_pdf(
        ResultHandover(
            head=head,
            giver=value.giver,
            receiver=value.receiver,
            at=value.at,
            giver_person=value.giver_person,
            receiver_person=value.receiver_person,
            lines=tuple(
                ResultLine(
                    official_code=line.official_code,
                    what=line.what,
                    result=line.result,
                    owner=line.owner,
                    address=line.address,
                    has_fee=line.has_fee,
                    by_post=line.by_post,
                )
                for line in value.lines
            ),
        )
    )


def register_pdf(value: RegisterPrint) -> bytes:
    """Return the register on A4 across."""
    return register_book.register_pdf(_book(value))


def register_xlsx(value: RegisterPrint) -> bytes:
    """Return the register as a workbook."""
    return register_book.register_xlsx(_book(value))


def register_csv(value: RegisterPrint) -> bytes:
    """Return the register as CSV with BOM."""
    return register_book.register_csv(_book(value))


def _reception(value: ReceptionPrint, settings: Settings) -> bytes:
    return reception_slip.reception_slip_pdf(
        ReceptionSlip(
            head=_head(value.head),
            applicant=_applicant(value.applicant),
            asks_for=value.asks_for,
            papers=tuple(map(_paper, value.papers)),
            counts_apart=value.counts_apart,
            limit=value.limit,
            received_at=value.received_at,
            due_at=value.due_at,
            due_note=value.due_note,
            return_at=value.return_at,
            fees=value.fees,
            submitter=value.applicant.submitter,
            officer=value.officer,
            hotline=settings.hotline,
        )
    )


def _supplement(value: SupplementPrint, settings: Settings) -> bytes:
    return supplement_request.supplement_request_pdf(
        SupplementRequest(
            head=_head(value.head),
            applicant=_applicant(value.applicant),
            asks_for=value.asks_for,
            papers=tuple(supplement_request.AskedPaper(name=each.name, reason=each.reason) for each in value.papers),
            reason=value.reason,
            due=value.due,
            clock=value.clock,
            website=payload.host(settings.public_url),
            officer=value.officer,
            officer_phone=value.officer_phone,
            hotline=settings.hotline,
        )
    )


def _refusal(value: RefusalPrint, settings: Settings) -> bytes:
    return refusal_slip.refusal_slip_pdf(
        RefusalSlip(
            head=_head(value.head),
            applicant=_applicant(value.applicant),
            asks_for=value.asks_for,
            reason=value.reason,
            website=payload.host(settings.public_url),
            officer=value.officer,
            officer_phone=value.officer_phone,
            submitter=value.applicant.submitter,
            refuser_title="NGƯỜI TIẾP NHẬN" if value.is_old else "NGƯỜI TỪ CHỐI",
            hotline=settings.hotline,
        )
    )


def _apology(value: ApologyPrint, settings: Settings) -> bytes:
    return apology.apology_pdf(
        Apology(
            head=_head(value.head),
            applicant=_applicant(value.applicant),
            title=apology.OLD_TITLE if value.is_old else apology.TITLE,
            asks_for=value.asks_for,
            authority=value.authority,
            received_at=value.received_at,
            due_at=value.due_at,
            cause=value.cause,
            new_due_at=value.new_due_at,
            signer=value.signer,
            is_draft=value.is_draft,
            hotline=settings.hotline,
        )
    )


def _stop(value: StopPrint, settings: Settings) -> bytes:
    return stop_notice.stop_notice_pdf(
        StopNotice(
            head=_head(value.head),
            applicant=_applicant(value.applicant),
            asks_for=value.asks_for,
            reason=value.reason,
            basis=value.basis,
            stopped_on=value.stopped_on,
            returned=tuple(map(_paper, value.returned)),
            refunded=value.refunded,
            hotline=settings.hotline,
        )
    )


def _control(value: ControlPrint, _: Settings) -> bytes:
    return control_slip.control_slip_pdf(
        ControlSlip(
            head=_head(value.head),
            owner=value.owner,
            asks_for=value.asks_for,
            received_at=value.received_at,
            due_at=value.due_at,
            authority=value.authority,
            hops=tuple(map(_hop, value.hops)),
            blank_rows=0 if value.is_over else BLANK_ROWS,
        )
    )


_MAKERS: dict[type, Callable[[Any, Settings], bytes]] = {
    ReceptionPrint: _reception,
    SupplementPrint: _supplement,
    RefusalPrint: _refusal,
    ApologyPrint: _apology,
    StopPrint: _stop,
    ControlPrint: _control,
}

_IN_TIME = {"before": InTime.BEFORE, "on_time": InTime.ON_TIME, "late": InTime.LATE}


def _hop(hop: HopPrint) -> Hop:
    return Hop(
        giver=hop.giver,
        receiver=hop.receiver,
        at=moment(hop.at),
        giver_person=hop.giver_person,
        receiver_person=hop.receiver_person,
        result=_IN_TIME.get(hop.result),
        note=hop.note,
    )


def _head(head: HeadPrint) -> Head:
    return Head(
        form=head.form,
        basis=head.basis,
        authority=head.authority,
        desk=head.desk,
        place_and_day=head.place_and_day,
        code=head.code,
        official_code=head.official_code,
        book=head.book,
        entry=head.entry,
    )


def _applicant(applicant: ApplicantPrint) -> Applicant:
    return Applicant(
        owner=applicant.owner,
        submitter=applicant.submitter,
        address=applicant.address,
        phone=applicant.phone,
        email=applicant.email,
        identity=applicant.identity,
    )


def _paper(line: PaperLine) -> HandedIn:
    return HandedIn(name=line.name, originals=line.originals, certified=line.certified, copies=line.copies)


def _book(value: RegisterPrint) -> RegisterBook:
    return RegisterBook(
        form=value.form,
        basis=value.basis,
        authority=value.authority,
        desk=value.desk,
        subtitle=value.subtitle,
        closing=value.closing,
        signer=value.signer,
        lines=tuple(
            RegisterLine(
                number=line.number,
                official_code=line.official_code,
                what=line.what,
                owner=line.owner,
                address=line.address,
                phone=line.phone,
                authority=line.authority,
                received_on=line.received_on,
                due_on=line.due_on,
                returned_on=line.returned_on,
                way=line.way,
                officer=line.officer,
                note=line.note,
            )
            for line in value.lines
        ),
    )
