"""What two sides sign, and lists that go along: hand-overs, bags, trips, rounds, money."""

from collections.abc import Sequence

from labels import bag_label, chart_sheet, handover, manifest, money_list, money_receipt, runsheet, tables, workbook
from labels.bag_label import BagLabel
from labels.chart_sheet import ChartOnPaper, ChartSheet
from labels.handover import HandoverLine, HandoverSheet
from labels.manifest import Manifest, ManifestLine, TripLine, TripList
from labels.money_list import MoneyLine, MoneyList
from labels.money_receipt import MoneyReceipt
from labels.record import Party
from labels.runsheet import RunSheet, RunStop
from postal.domain import calendars, codes
from postal.printing import drawings, written
from postal.queries.bags import LabelPrint, ManifestPrint
from postal.queries.charts import Chart
from postal.queries.day_charts import ChartsPage
from postal.queries.handovers import TAKEN, RecordLine, RecordPage
from postal.queries.money import ReceiptPage
from postal.queries.remittances import CashPage
from postal.queries.runsheets import SheetPage
from postal.queries.trips import TripPage


def handover_pdf(page: RecordPage) -> bytes:
    """Return the record (biên bản giao nhận) for two signatures in ink."""
    return handover.handover_pdf(
        HandoverSheet(
            number=page.code,
            place=page.receiver_unit or page.giver_unit,
            time=written.instant(page.signed_at) or "…… giờ …… phút, ngày …… / …… / ………",
            giver=Party(unit=page.giver_unit, position=page.giver_position, person=page.giver_person),
            receiver=Party(unit=page.receiver_unit, position=page.receiver_position, person=page.receiver_person),
            lines=tuple(_record_line(page, line) for line in page.lines),
            bags="; ".join(f"{codes.shown(line.code)}: {line.inside} bưu gửi" for line in page.lines if line.inside),
            has_whole_bags=any(line.inside for line in page.lines),
            is_legal_submission=page.is_legal_submission,
        )
    )


def bag_label_pdf(value: LabelPrint) -> bytes:
    """Return the label of a bag, 100 x 150 mm."""
    return bag_label.bag_label_pdf(
        [
            BagLabel(
                code=value.code,
                origin=value.origin,
                destination=value.destination,
                seal=value.seal,
                count=value.count,
                weight_g=value.weight_g,
                trip=value.trip,
                time=value.time,
            )
        ]
    )


def manifest_pdf(value: ManifestPrint) -> bytes:
    """Return the list of a bag."""
    return manifest.manifest_pdf(
        Manifest(
            code=value.label.code,
            origin=value.label.origin,
            destination=value.label.destination,
            seal=value.label.seal,
            weight_g=value.label.weight_g,
            trip=value.label.trip,
            time=value.label.time,
            packer=value.packer,
            lines=tuple(
                ManifestLine(item_code=line.item, dossier_code=line.dossier, carries=line.carries, sheets=line.papers)
                for line in value.lines
            ),
        )
    )


def trip_list_pdf(page: TripPage) -> bytes:
    """Return the list of bags that goes along with a trip."""
    return manifest.manifest_pdf(
        TripList(
            code=page.code,
            origin=page.origin,
            destination=page.destination,
            carrier=page.carrier,
            departure=written.instant(page.departed_at),
            giver=page.giver,
            lines=tuple(
                TripLine(
                    bag_code=bag.code,
                    destination=bag.destination,
                    seal=bag.seal,
                    count=bag.count,
                    weight_g=bag.weight_g,
                )
                for bag in page.bags
            ),
        )
    )


def runsheet_pdf(page: SheetPage) -> bytes:
    """Return the list the postman takes along."""
    return runsheet.runsheet_pdf(_run_sheet(page))


def runsheet_xlsx(page: SheetPage) -> bytes:
    """Return the same list as a workbook."""
    return workbook.runsheet_xlsx(_run_sheet(page))


def runsheet_csv(page: SheetPage) -> bytes:
    """Return the same list as plain rows."""
    return workbook.runsheet_csv(_run_sheet(page))


def chart_csv(chart: Chart) -> bytes:
    """Return the table of a chart as plain rows."""
    return workbook.plain_rows(chart.header, chart.rows)


def charts_pdf(page: ChartsPage) -> bytes:
    """Return the charts of a day with their tables on paper."""
    return chart_sheet.charts_pdf(
        ChartSheet(
            title="Biểu đồ tuyến phát",
            place=page.office_name,
            day=calendars.written(page.day),
            charts=tuple(
                ChartOnPaper(
                    title=chart.title,
                    says=chart.says,
                    drawing=drawings.drawing(chart),
                    header=chart.header,
                    rows=chart.rows,
                )
                for chart in page.charts.charts
            ),
        )
    )


def chart_xlsx(chart: Chart) -> bytes:
    """Return the table of a chart as a workbook."""
    return tables.workbook([tables.Sheet(name=chart.title, header=chart.header, rows=chart.rows)])


def money_receipts_pdf(values: Sequence[ReceiptPage]) -> bytes:
    """Return receipts in one file, three copies of each."""
    return money_receipt.receipts_pdf([_money_receipt(value) for value in values])


def money_list_pdf(page: CashPage) -> bytes:
    """Return the list of money that is handed on, for two signatures in ink."""
    at = page.offered_at
    return money_list.list_pdf(
        MoneyList(
            number=page.code,
            title="BẢNG KÊ NỘP PHÍ, LỆ PHÍ" if page.is_remittance else "BẢNG KÊ GIAO TIỀN",
            place=page.receiver,
            time=f"{calendars.local(at):%H:%M}, {calendars.written(calendars.local(at).date())}",
            giver=page.giver,
            giver_person=page.giver_person,
            receiver=page.receiver,
            receiver_person=page.receiver_person,
            lines=tuple(_money_lines(page)),
            note="Kèm liên 3 của các biên lai." if page.is_remittance else "",
        )
    )


def _record_line(page: RecordPage, line: RecordLine) -> HandoverLine:
    counted = "Đủ" if line.choice == TAKEN else line.outcome
    return HandoverLine(
        item_code=line.code,
        slip_number=" · ".join(filter(None, (codes.shown(line.dossier), line.official_code))) or "Xem bảng kê túi",
        post_number=line.postal_number,
        originals=line.papers.originals,
        certified=line.papers.certified,
        copies=line.papers.copies,
        seal_number=line.seal,
        back=line.back,
        fee=written.grouped(line.fee) if line.fee else "",
        to_recover=line.to_recover,
        counted=counted if page.signed_at else "",
        note=line.kind,
    )


def _run_sheet(page: SheetPage) -> RunSheet:
    return RunSheet(
        code=page.code,
        office=page.office,
        territory=page.territory,
        day=calendars.written(page.day),
        postman=page.postman,
        stops=tuple(
            RunStop(
                order=line.order,
                code=line.code,
                task=line.task,
                receiver=line.receiver,
                address=line.address,
                phone=line.phone,
                count=line.papers,
                collect=line.collect,
                recover=line.recover,
                identity=line.identity,
                window=line.window,
                where=line.where,
                arrives=line.arrives,
                note=line.note,
            )
            for line in page.lines
        ),
        facts=page.facts,
        sketch=drawings.drawing(page.sketch) if page.sketch else "",
    )


def _money_receipt(value: ReceiptPage) -> MoneyReceipt:
    return MoneyReceipt(
        number=value.code,
        is_fees=value.is_fees,
        printed=value.printed,
        office=value.office,
        payer=value.payer,
        address=value.address,
        dossier=value.dossier,
        official_code=value.official_code,
        payee=value.payee,
        basis=value.basis,
        amount=value.amount,
        payment=value.payment,
        time=written.clock_and_day(value.at),
        cashier=value.cashier,
    )


def _money_lines(page: CashPage) -> Sequence[MoneyLine]:
    lines = [
        MoneyLine(
            code=line.dossier,
            official_code=line.official_code,
            what=f"Phí, lệ phí của {line.payee}",
            receipts=page.receipts.get(line.dossier, ""),
            amount=line.amount,
        )
        for line in page.lines
    ]
    postage = [MoneyLine(code="", what="Cước bưu chính", amount=page.postage)] if page.postage else []
    carried = [MoneyLine(code="", what="Chênh lệch đã ghi khi kiểm quỹ", amount=page.carried)] if page.carried else []
    return [*lines, *postage, *carried]
