"""Phiếu gửi of a result: the authority sends, the post carries, the citizen signs; nothing runs off the paper."""

import dataclasses

import pytest

from labels import payload, result_slip
from labels.receipt import PaperLine, ReceiptParty
from labels.result_slip import ResultSlip
from tests.labels import forms, paper

SLIP = ResultSlip(
    item_code="P3FHJ-8QXV9",
    dossier_code="7K2M4-9RTBQ",
    official_code="H48.17-261116-0001",
    post_number="EB 123 456 789 VN",
    seal_number="990123",
    office="Bưu cục Trung tâm Đà Nẵng",
    sender=ReceiptParty(name=forms.LONGEST_DESK, address="24 Trần Phú, phường Hải Châu", phone="0236 388 1888"),
    receiver=ReceiptParty(
        name="Nguyễn Thị Hồng Nhung", address="Tổ 5, kiệt 12 Nguyễn Lương Bằng, phường Hòa Khánh", phone="0905 123 456"
    ),
    procedure=forms.RECEIPT.procedure,
    papers=(
        PaperLine(name="Giấy phép lái xe hạng B", originals=1),
        PaperLine(name="Sổ hộ khẩu", originals=1, note="bản chính trả lại"),
    ),
    to_recover=("Giấy phép lái xe cũ", "Giấy khám sức khỏe đã dùng"),
    fee="135.000 đ – Lệ phí cấp giấy phép lái xe",
    postage="30.000 đ, đã thu khi nhận hồ sơ",
    received_at="15:40, thứ Hai, 16/11/2026",
    received_place=forms.LONGEST_DESK,
    method="Phát tận nhà, có xem giấy tờ tùy thân",
    quality="Phát trong 2 ngày làm việc sau ngày ghi trên phiếu (J+2)",
    rights=forms.RECEIPT.rights,
    liability=forms.RECEIPT.liability,
    hotline="1900 0000",
    officer="Lý Thanh Xuân",
    clerk="Võ Đức Tài",
)


def slip(**changes: object) -> ResultSlip:
    return dataclasses.replace(SLIP, **changes)  # type: ignore[arg-type] # fields by name


def text_of(*slips: ResultSlip) -> str:
    return paper.squeezed(paper.text(result_slip.result_slips_pdf(slips)))


def test_each_copy_is_one_page_of_a5_with_the_envelopes_symbol() -> None:
    pdf = result_slip.result_slips_pdf([SLIP])
    assert paper.sizes_mm(pdf) == [(148.0, 210.0)] * 2
    assert [paper.symbols(page) for page in paper.pages(pdf)] == [[payload.item_code(SLIP.item_code)]] * 2


@pytest.mark.parametrize(
    "expected",
    [
        "PHIẾU GỬI KẾT QUẢ QUA BƯU ĐIỆN",
        "Liên 1: Cơ quan gửi giữ",
        "Liên 2: Bưu điện giữ, người nhận ký",
        "Mã bưu gửi: P3FHJ-8QXV9",
        "H48.17-261116-0001",
        "990123",
        f"{forms.LONGEST_DESK}",
        "Nguyễn Thị Hồng Nhung",
        "0905 123 456",
        "2 Sổ hộ khẩu bản chính trả lại 1 – –",
        "Thu hồi của người nhận trước khi giao (2): Giấy phép lái xe cũ; Giấy khám sức khỏe đã dùng",
        "135.000 đ – Lệ phí cấp giấy phép lái xe",
        "Phiếu này có giá trị như hợp đồng bằng văn bản",
        "bồi thường ít nhất 4 lần cước đã thu",
        "ĐẠI DIỆN CƠ QUAN GỬI",
        "NGƯỜI NHẬN KẾT QUẢ",
    ],
)
def test_the_slip_says_what_the_contract_must_say(expected: str) -> None:
    assert paper.squeezed(expected) in text_of(SLIP)


def test_who_sealed_it_is_said_truly() -> None:
    assert paper.squeezed("Hai bên đã cùng đếm giấy tờ và niêm phong") in text_of(SLIP)
    told = text_of(slip(is_pre_sealed=True))
    assert paper.squeezed("Cơ quan đã niêm phong sẵn; bưu điện nhận nguyên niêm phong, không mở") in told
    assert paper.squeezed("Hai bên đã cùng đếm") not in told


def test_what_is_not_known_is_a_line_to_write_on() -> None:
    told = text_of(slip(receiver=ReceiptParty(name="", address=""), seal_number="", postage=""))
    assert told.count("." * 16) >= 4 * 2


def test_thirty_results_are_sixty_pages_in_their_order() -> None:
    pdf = result_slip.result_slips_pdf([SLIP] * 30)
    assert len(paper.pages(pdf)) == 60


@pytest.mark.parametrize("text", [*forms.HOSTILE, *forms.OVERLONG])
def test_nothing_that_people_type_becomes_markup_or_runs_off_the_paper(text: str) -> None:
    pdf = result_slip.result_slips_pdf(
        [
            slip(
                sender=ReceiptParty(name=text, address=text),
                receiver=ReceiptParty(name=text, address=text, phone=text),
                procedure=text,
                papers=(PaperLine(name=text, originals=1),),
                to_recover=(text, text),
                fee=text,
                officer=text,
            )
        ]
    )
    assert set(paper.sizes_mm(pdf)) == {(148.0, 210.0)}
    for page in paper.pages(pdf):
        assert min(paper.ink_mm(page)) >= 4.9


def test_nothing_to_print_is_refused() -> None:
    with pytest.raises(ValueError, match="no copy"):
        result_slip.result_slips_pdf([])
