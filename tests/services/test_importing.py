"""Import files: each thing that can be wrong with a row is said at that row, and the rest comes in."""

import csv
import io
import re
import zipfile
from datetime import date, time
from pathlib import Path

import pytest

from postal.domain.clocks import Limit, Unit
from postal.domain.places import USUAL_WORKING_TIME, Area, Equipment, OfficeType, Pause, Precision, VehicleKind
from postal.domain.procedures import ProcedureVersion
from postal.services import importing
from postal.services.importing import ImportReport, procedures, sheets

SAMPLES = Path(__file__).parent.parent / "data"
HEADER_OF_LIMITS = "code,name,level,field,channel\n"
COMMUNES = {"20242": "48", "21220": "51"}


def sample(name: str) -> bytes:
    return (SAMPLES / f"import_{name}.csv").read_bytes()


def by_code(report: ImportReport[ProcedureVersion]) -> dict[str, ProcedureVersion]:
    return {version.code: version for version in report.rows}


@pytest.mark.parametrize(
    ("row", "column", "says"),
    [
        (3, "code", "Thiếu mã thủ tục"),
        (4, "code", '"2000635" không đúng dạng'),
        (5, "name", "Thiếu tên thủ tục"),
        (6, "limit_amount", '"ba" không phải số nguyên'),
        (7, "limit_unit", "Chọn một trong: working, calendar, hours"),
        (8, "limit_unit", "cần cả số và đơn vị"),
        (9, "limit_amount", "cần cả số và đơn vị"),
        (10, "limit_amount", '"-3" không phải số nguyên'),
        (11, "limit_amount", "từ 1 đến"),
        (12, "valid_from", "Viết dạng 2025-07-01"),
        (13, "valid_from", '"2026-02-30" không phải ngày'),
        (14, "valid_to", "trước ngày đầu"),
        (15, "code", "đã có ở dòng 2"),
        (16, "carriable", "không phải yes hoặc no"),
        (17, "why_not", "phải có lý do"),
        (18, "basis", "Thiếu căn cứ"),
        (19, "fee_basis", "phải có căn cứ"),
        (20, "fee", '"8.000" không phải số nguyên'),
        (21, "competent_level", "Chọn một trong"),
        (22, "department", "Thiếu loại cơ quan"),
        (23, "competence_basis", "Thiếu căn cứ thẩm quyền"),
        (24, "status", "Chọn một trong: published"),
        (25, "pause_policy", "Chọn một trong: restart"),
        (26, "name", "Dài quá 4000 ký tự"),
        (27, "", "Dòng có 3 ô, tiêu đề có 26 cột"),
    ],
)
def test_a_malformed_procedure_is_named_by_row_and_column(row: int, column: str, says: str) -> None:
    found = [error for error in importing.read_procedures(sample("procedures")).errors if error.row == row]
    assert [error.column for error in found] == [column]
    assert says in found[0].message


def test_good_rows_come_in_beside_bad_ones() -> None:
    report = importing.read_procedures(sample("procedures"))
    found = by_code(report)
    assert list(found) == ["2.000635", "1.000023", "1.000024", "1.000025.H48"]
    assert found["2.000635"].limit == Limit(3, Unit.WORKING_DAYS)
    assert found["1.000023"].limit == Limit(8, Unit.HOURS)
    assert found["1.000024"].limit is None
    assert found["1.000024"].limit_text == "Theo mô tả"
    assert found["1.000025.H48"].limit == Limit(15, Unit.CALENDAR_DAYS)
    assert len(report.errors) == 25


def test_the_post_channels_limit_counts_and_another_channels_is_reported() -> None:
    report = importing.read_procedures(sample("durations"))
    assert by_code(report)["1.000001"].limit == Limit(3, Unit.WORKING_DAYS)
    assert any(note.row == 2 and "kênh khác ghi 5 ngày làm việc" in note.message for note in report.notes)


def test_several_limits_within_the_post_channel_stay_words_and_are_reported() -> None:
    report = importing.read_procedures(sample("durations"))
    version = by_code(report)["1.000004"]
    assert version.limit is None
    assert version.limit_text == "10 ngày làm việc | 3 ngày làm việc"
    assert any(note.row == 6 and "có 2 thời hạn" in note.message for note in report.notes)


@pytest.mark.parametrize(
    ("code", "limit", "text"),
    [
        ("1.000002", Limit(10, Unit.CALENDAR_DAYS), "10 ngày"),
        ("1.000003", None, "Theo mô tả ngày"),
        ("1.000005", None, ""),
        ("1.000006", Limit(7, Unit.WORKING_DAYS), "Không quá 07 ngày làm việc. ngày"),
        ("1.000007", Limit(8, Unit.HOURS), "8 giờ làm việc"),
        ("1.000008", None, "7.5 ngày làm việc"),
        ("1.000009", None, "0 ngày"),
        ("1.000010", None, "1/12 hàng năm ngày"),
    ],
)
def test_a_limit_is_a_number_only_when_its_wording_is_plain(code: str, limit: Limit | None, text: str) -> None:
    version = by_code(importing.read_procedures(sample("durations")))[code]
    assert (version.limit, version.limit_text) == (limit, text)


def test_a_procedure_without_the_post_channel_is_not_said_to_be_carriable() -> None:
    found = by_code(importing.read_procedures(sample("durations")))
    assert found["1.000001"].carriable is True
    assert found["1.000006"].carriable is None


def test_malformed_rows_of_the_list_of_limits_are_named() -> None:
    errors = importing.read_procedures(sample("durations")).errors
    assert [(error.row, error.column) for error in errors] == [
        (14, "duration_number"),
        (15, "duration_unit"),
        (16, "channel"),
        (17, "code"),
        (18, "name"),
    ]


def test_the_catalogue_names_the_authority_only_where_it_is_one() -> None:
    report = importing.read_procedures(sample("catalogue"))
    found = by_code(report)
    rule = found["1.001193"].competence
    assert rule is not None
    assert rule.department == "UBND_XA"
    assert found["1.000894"].competence is None
    assert found["1.003915"].competence is None
    assert [(error.row, error.column) for error in report.errors] == [(5, "code"), (6, "code")]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("missing_column", "Thiếu cột executor"),
        ("unclosed_quote", "dấu ngoặc kép chưa đóng"),
    ],
)
def test_a_file_that_cannot_be_read_says_how_to_save_it(name: str, says: str) -> None:
    errors = importing.read_procedures(sample(name)).errors
    assert len(errors) == 1
    assert says in errors[0].message


@pytest.mark.parametrize("text", ["", "\n", ",,\n", "code,code,name\n", "code\x00,name\n"])
def test_a_file_without_a_header_is_refused_with_a_sentence(text: str) -> None:
    report = importing.read_procedures(text)
    assert report.rows == ()
    assert report.errors[0].row == 1


def test_a_byte_order_mark_makes_no_difference() -> None:
    plain = sample("catalogue")
    assert importing.read_procedures(b"\xef\xbb\xbf" + plain) == importing.read_procedures(plain)


def test_an_unused_column_is_mentioned() -> None:
    text = "code,name,issuer,executor,field,màu\n1.001193,Khai sinh,Bộ Tư pháp,,Hộ tịch,đỏ\n"
    report = importing.read_procedures(text)
    assert [(note.row, note.column) for note in report.notes] == [(1, "màu")]
    assert len(report.rows) == 1


@pytest.mark.parametrize(
    ("row", "column", "says"),
    [
        (3, "code", "mã bưu cục 6 số"),
        (4, "name", "Thiếu tên bưu cục"),
        (5, "unit", "Không có xã, phường nào mã 20236"),
        (6, "province", "thuộc tỉnh 48"),
        (7, "lat", "đổi chỗ"),
        (8, "lat", "dùng dấu chấm"),
        (9, "precision", "Chọn một trong: exact"),
        (10, "office_type", "Chọn một trong: BC1"),
        (11, "phone", "không phải số điện thoại"),
        (12, "code", "đã có ở dòng 2"),
        (13, "basis", "Thiếu căn cứ"),
        (14, "delivers", "không phải yes hoặc no"),
        (15, "unit", "mã xã 5 số"),
        (16, "valid_to", "trước ngày đầu"),
    ],
)
def test_a_malformed_office_is_named_by_row_and_column(row: int, column: str, says: str) -> None:
    report = importing.read_offices(sample("offices"), communes=COMMUNES)
    found = [error for error in report.errors if error.row == row]
    assert [error.column for error in found] == [column]
    assert says in found[0].message


def test_good_offices_come_in() -> None:
    office, village = importing.read_offices(sample("offices"), communes=COMMUNES).rows
    assert (office.code, office.phone, office.precision) == ("551021", "02363849053", Precision.COMMUNE)
    assert (village.unit, village.province_code, village.office_type) == (None, "48", OfficeType.BDVHX)


def test_the_public_list_keeps_no_number_that_may_be_a_persons() -> None:
    report = importing.read_offices(sample("post_list"), communes=COMMUNES)
    phones = {place.code: place.phone for place in report.rows}
    assert phones == {"551020": "02363849053", "571500": "", "551000": "", "999999": ""}
    assert [note.row for note in report.notes if note.column == "phone"] == [3, 4]


def test_an_office_of_the_public_list_without_a_commune_comes_in_with_a_note() -> None:
    report = importing.read_offices(sample("post_list"), communes=COMMUNES)
    assert [note.row for note in report.notes if note.column == "new_ward_code"] == [4, 5]
    assert [(error.row, error.column) for error in report.errors] == [
        (6, "new_ward_code"),
        (7, "code"),
        (8, "code"),
        (9, "lat"),
        (10, "precision"),
    ]


def test_the_error_file_has_the_same_columns_and_what_is_wrong() -> None:
    text = sample("offices")
    report = importing.read_offices(text, communes=COMMUNES)
    content = importing.error_file(text, report.errors)
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert list(rows[0]) == [*importing.OFFICE_COLUMNS, "Lỗi"]
    assert len(rows) == len(report.errors)
    assert rows[0]["code"] == "55102"
    assert rows[0]["Lỗi"].startswith("code: ")


def test_a_mended_error_file_can_be_imported_again() -> None:
    text = sample("offices")
    content = importing.error_file(text, importing.read_offices(text, communes=COMMUNES).errors).decode("utf-8-sig")
    again = importing.read_offices(content.replace("55102,", "551099,", 1), communes=COMMUNES)
    assert "551099" in {place.code for place in again.rows}
    assert not [note for note in again.notes if note.column == "Lỗi"]


def test_a_spreadsheet_takes_no_cell_of_the_error_file_for_a_formula() -> None:
    text = "code,name,issuer,executor,field\n,=2+3,@bộ,-1,+84\n"
    content = importing.error_file(text, importing.read_procedures(text).errors).decode("utf-8-sig")
    assert ",'=2+3,'@bộ,'-1,'+84," in content
    mended = content.replace("\r\n,", "\r\n1.000001,")
    assert importing.read_procedures(mended).rows[0].name == "=2+3"


def test_the_full_list_of_limits_comes_in(full_data: Path) -> None:
    report = importing.read_procedures((full_data / "tthc_durations.csv").read_bytes())
    assert (report.read, len(report.rows), len(report.errors)) == (6201, 2049, 0)
    assert sum(version.carriable is True for version in report.rows) == 1799
    units = {version.limit.unit for version in report.rows if version.limit}
    assert units == {Unit.WORKING_DAYS, Unit.CALENDAR_DAYS}
    assert any(version.limit is None and version.limit_text for version in report.rows)


def test_every_code_of_the_full_list_with_several_limits_by_post_is_reported(full_data: Path) -> None:
    text = (full_data / "tthc_durations.csv").read_text(encoding="utf-8-sig")
    by_post: dict[str, set[str]] = {}
    for row in csv.DictReader(io.StringIO(text)):
        if row["channel"] == importing.POST_CHANNEL:
            by_post.setdefault(row["code"], set()).add(row["duration_text"])
    several = {code for code, texts in by_post.items() if len(texts) > 1}
    report = importing.read_procedures(text)
    reported = {note.message.split()[0] for note in report.notes if note.column == "duration_text"}
    assert len(several) == 135
    assert several <= reported
    assert all(version.limit is None for version in report.rows if version.code in several)


def test_the_full_catalogue_comes_in_but_for_three_codes(full_data: Path) -> None:
    report = importing.read_procedures((full_data / "tthc_catalogue_2026.csv").read_bytes())
    assert (report.read, len(report.rows)) == (5608, 5605)
    assert [error.column for error in report.errors] == ["code"] * 3


def test_the_full_list_of_offices_comes_in(full_data: Path) -> None:
    report = importing.read_offices((full_data / "vnpost_offices.csv").read_bytes())
    assert (report.read, len(report.rows), len(report.errors)) == (1677, 1677, 0)
    assert sum(place.province_code is None for place in report.rows) == 90


# --- rounds -----------------------------------------------------------------------------------------------------------

OLD_HEADER = "code,name,office,postman,communes,basis"
ROUNDS_HEADER = f"{OLD_HEADER},areas,assignments,valid_from,valid_to,opens,closes,longest_minutes,hours_basis"


def rounds_file(*rows: str, header: str = ROUNDS_HEADER) -> bytes:
    return "\n".join([header, *rows]).encode()


def test_a_round_comes_in_with_its_stretches_drivers_days_and_hours() -> None:
    row = (
        "551000-01,Hải Châu,551000,buuta1,,mẫu,20242: Thôn 3; 21220; 20242,"
        "buuta1 2026-01-01..2026-06-30; buuta2 2026-07-01..,2026-01-01,,07:00,16:30,450,cấu hình"
    )
    report = importing.read_territories(rounds_file(row), communes=COMMUNES)
    assert (report.errors, report.notes) == ((), ())
    (round_,) = report.rows
    assert round_.areas == (Area("20242", "Thôn 3"), Area("21220"), Area("20242"))
    assert round_.communes == ("20242", "21220")
    assert [each.postman for each in round_.assignments] == ["buuta1", "buuta2"]
    assert round_.driver(date(2026, 8, 1)) == "buuta2"
    assert (round_.working_time.opens, round_.working_time.longest_minutes) == (time(7), 450)


def test_a_round_comes_in_with_what_it_is_driven_with() -> None:
    header = f"{OLD_HEADER},vehicle,plate,capacity,reloads,break_opens,break_closes,break_minutes,vehicle_basis"
    row = "551000-01,Hải Châu,551000,buuta1,20242,mẫu,Ô tô,43-C1 1,80,1,11:30,12:30,45,nội quy"
    (round_,) = importing.read_territories(rounds_file(row, header=header), communes=COMMUNES).rows
    assert round_.equipment == Equipment(
        kind=VehicleKind.VAN,
        plate="43-C1 1",
        capacity=80,
        reloads=1,
        pause=Pause(opens=time(11, 30), closes=time(12, 30), minutes=45),
        basis="nội quy",
    )


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ("xe bò,,,,,,,x", "vehicle"),
        ("xe máy,,0,,,,,x", "capacity"),
        ("xe máy,,,,12:30,11:30,45,x", "break_closes"),
        ("xe máy,,,,11:30,12:30,,x", "break_minutes"),
        ("xe máy,,40,,,,,", "vehicle_basis"),
    ],
)
def test_what_cannot_be_driven_is_refused_by_its_column(cells: str, column: str) -> None:
    header = f"{OLD_HEADER},vehicle,plate,capacity,reloads,break_opens,break_closes,break_minutes,vehicle_basis"
    file = rounds_file(f"551000-01,Hải Châu,551000,buuta1,20242,mẫu,{cells}", header=header)
    assert [each.column for each in importing.read_territories(file, communes=COMMUNES).errors] == [column]


def test_a_file_of_rounds_from_before_reads_as_it_did() -> None:
    old = rounds_file("551000-01,Hải Châu,551000,buuta1,20242 21220,mẫu", header=OLD_HEADER)
    (round_,) = importing.read_territories(old, communes=COMMUNES).rows
    assert (round_.communes, round_.areas, round_.working_time) == (("20242", "21220"), (), USUAL_WORKING_TIME)


@pytest.mark.parametrize(
    ("row", "column", "says"),
    [
        ("r,T,551000,,20242,mẫu,Hải Châu,,,,,,,", "areas", "không đúng dạng"),
        ("r,T,551000,,20242 21220,mẫu,20242,,,,,,,", "communes", "không nhắc đến"),
        ("r,T,551000,,99999,mẫu,,,,,,,,", "communes", "Không có xã, phường mã 99999"),
        ("r,T,551000,,20242,mẫu,,buuta1 từ hôm nay,,,,,,", "assignments", "không đúng dạng"),
        ("r,T,551000,,20242,mẫu,,b 2026-13-01..,,,,,,", "assignments", "không phải ngày"),
        ("r,T,551000,,20242,mẫu,,b 2026-07-01..2026-06-01,,,,,,", "assignments", "trước ngày đầu"),
        ("r,T,551000,,20242,mẫu,,,,,17:00,07:00,,x", "closes", "không sau giờ bắt đầu"),
        ("r,T,551000,,20242,mẫu,,,,,07:00,,,", "hours_basis", "Thiếu căn cứ"),
        ("r,T,551000,,20242,mẫu,,,,,,,9999,x", "longest_minutes", "từ 30 đến 720"),
        ("r,T,551001,,20242,mẫu,,,,,,,,", "office", "Chưa có bưu cục 551001"),
        ("r,T,551000,,,mẫu,,,,,,,,", "communes", "Thiếu danh sách xã"),
    ],
)
def test_a_malformed_round_is_named_by_its_column(row: str, column: str, says: str) -> None:
    report = importing.read_territories(rounds_file(row), communes=COMMUNES, is_office=lambda code: code == "551000")
    (error,) = report.errors
    assert error.column == column
    assert says in error.message


def test_a_file_of_a_million_rows_is_refused_before_it_fills_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    row = ",".join(["x"] * 5) + "\n"
    said = importing.read_procedures(HEADER_OF_LIMITS + row * 60_000).errors
    assert "hơn 50000 dòng" in said[0].message
    monkeypatch.setattr(sheets, "LARGEST_CSV", 1_000)
    assert "Chia thành nhiều tệp" in importing.read_procedures(HEADER_OF_LIMITS + row * 1_000).errors[0].message


def test_a_workbook_with_cells_at_far_corners_breaks_nothing() -> None:
    report = importing.read_procedures(_workbook_with("XFD1048576"))
    assert report.rows == ()
    assert "Trang tính quá rộng hoặc quá dài" in report.errors[0].message
    assert "Thiếu cột" in importing.read_procedures(_workbook_with("B1")).errors[0].message


@pytest.mark.parametrize("year", ["9999-12-31", "0001-01-01", "2200-01-01"])
def test_a_year_that_no_rule_names_is_refused(year: str) -> None:
    header = ",".join(procedures.COLUMNS) + "\n"
    cells = {"code": "1.000656", "name": "Khai tử", "basis": "QĐ 1", "valid_from": year}
    (error,) = importing.read_procedures(header + ",".join(cells.get(name, "") for name in procedures.COLUMNS)).errors
    assert (error.row, error.column) == (2, "valid_from")
    assert "năm phải từ 1900 đến 2199" in error.message


def _workbook_with(far: str) -> bytes:
    """Return a workbook with a cell at A1 and one at another corner."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    cells = "".join(
        f'<row r="{re.sub("[A-Z]", "", at)}"><c r="{at}" t="inlineStr"><is><t>x</t></is></c></row>'
        if at == far
        else f'<row r="1"><c r="{at}" t="inlineStr"><is><t>code</t></is></c></row>'
        for at in ("A1", far)
    )
    parts = {
        "_rels/.rels": f'<Relationships xmlns="{package}"><Relationship Id="r1" Type="{office}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="a" sheetId="1" '
        'r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}"><Relationship Id="r1" '
        f'Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>',
    }
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as packed:
        for name, part in parts.items():
            packed.writestr(name, part)
    return content.getvalue()
