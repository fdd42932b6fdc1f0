"""Receipts and lists of money: three copies alike, the amount in words, our code to scan, nothing made up."""

import dataclasses

import pytest

from labels import money_list, money_receipt
from labels.money_list import MoneyLine, MoneyList
from labels.money_receipt import Copy, MoneyReceipt
from tests.labels import forms, paper

NUMBER = "BQP6G-RMTQR"

RECEIPT = MoneyReceipt(
    number=NUMBER,
    is_fees=True,
    printed="AB/26P 0001234",
    office="Bưu điện trung tâm Đà Nẵng",
    payer="Nguyễn Thị Hồng Nhung",
    address="Tổ 5, kiệt 12 Nguyễn Lương Bằng, phường Hòa Khánh",
    dossier="7K2M4-9RTBQ",
    official_code="H17.125-261116-0004",
    payee="Sở Tư pháp thành phố Đà Nẵng",
    basis="Lệ phí cấp Phiếu lý lịch tư pháp",
    amount=135_000,
    payment="Tiền mặt",
    time="09:05, 16/11/2026",
    cashier="Trần Thị Lan",
)

LIST = MoneyList(
    number=NUMBER,
    title="BẢNG KÊ NỘP PHÍ, LỆ PHÍ",
    place="Trung tâm Phục vụ hành chính công thành phố Đà Nẵng",
    time="10 giờ 20 phút, ngày 17 tháng 11 năm 2026",
    giver="Quầy giao dịch – Bưu điện trung tâm Đà Nẵng",
    giver_person="Trần Thị Lan",
    receiver="Quầy tiếp nhận – Trung tâm Phục vụ hành chính công thành phố Đà Nẵng",
    lines=(
        MoneyLine(
            code="7K2M4-9RTBQ",
            official_code="H17.125-261116-0004",
            what="Phí, lệ phí",
            receipts="BQP6G-RMTQR",
            amount=135_000,
        ),
        MoneyLine(code="22222-22222", what="Phí, lệ phí", amount=30_000),
    ),
)


def test_a_receipt_is_three_sheets_of_a5_alike_but_for_whose_they_are() -> None:
    pdf = money_receipt.receipt_pdf(RECEIPT)
    assert paper.sizes_mm(pdf) == [(148.0, 210.0)] * 3
    texts = paper.texts(pdf)
    assert [text.count(copy.value) for text, copy in zip(texts, Copy, strict=True)] == [1, 1, 1]
    alike = {text.replace(copy.value, "") for text, copy in zip(texts, Copy, strict=True)}
    assert len(alike) == 1


@pytest.mark.parametrize(
    "expected",
    [
        "BIÊN LAI THU PHÍ, LỆ PHÍ",
        "Số BQP6G-RMTQR",
        "Mẫu số, ký hiệu, số in sẵn: AB/26P 0001234",
        "Nguyễn Thị Hồng Nhung",
        "H17.125-261116-0004",
        "Sở Tư pháp thành phố Đà Nẵng",
        "135.000 đồng",
        "Một trăm ba mươi lăm nghìn đồng.",
        "Tiền mặt",
        "09:05, 16/11/2026",
    ],
)
def test_a_receipt_says_who_paid_what_to_whom(expected: str) -> None:
    assert paper.squeezed(expected) in paper.squeezed(paper.text(money_receipt.receipt_pdf(RECEIPT)))


def test_a_receipt_for_postage_is_another_paper_and_a_printed_number_is_never_made_up() -> None:
    postage = dataclasses.replace(RECEIPT, is_fees=False, printed="", payee="")
    words = paper.text(money_receipt.receipt_pdf(postage, copies=(Copy.PAYER,)))
    assert "PHIẾU THU CƯỚC BƯU CHÍNH" in words
    assert "LỆ PHÍ\n" not in words
    assert "in sẵn" not in words
    assert "Thu cho" not in words


def test_a_scanner_reads_the_number_of_receipt_and_list() -> None:
    for pdf in (money_receipt.receipt_pdf(RECEIPT), money_list.list_pdf(LIST)):
        assert paper.symbols(paper.pages(pdf)[0]) == ["BQP6GRMTQR"]


@pytest.mark.parametrize("text", [*forms.OVERLONG, *forms.HOSTILE])
def test_no_text_runs_off_the_paper_or_is_read_as_markup(text: str) -> None:
    receipt = dataclasses.replace(
        RECEIPT, office=text, payer=text, address=text, payee=text, basis=text, cashier=text, printed=text
    )
    line = MoneyLine(code="22222-22222", official_code=text, what=text, receipts=text, amount=1)
    sheet = dataclasses.replace(LIST, giver=text, receiver=text, giver_person=text, place=text, lines=(line, line))
    for pdf in (money_receipt.receipt_pdf(receipt), money_list.list_pdf(sheet)):
        for page in paper.pages(pdf):
            assert min(paper.ink_mm(page)) >= 4.9


def test_a_list_adds_up_and_says_so_in_words() -> None:
    words = paper.text(money_list.list_pdf(LIST))
    assert "165.000" in words
    assert "Một trăm sáu mươi lăm nghìn đồng." in words
    assert words.count("ký, ghi rõ họ tên") == 2


def test_a_long_list_flows_on_with_its_header_and_one_place_to_sign() -> None:
    pages = paper.texts(money_list.list_pdf(dataclasses.replace(LIST, lines=LIST.lines * 40)))
    assert len(pages) >= 3
    assert all("STT Phiếu gửi Mã hồ sơ" in page for page in pages if "135.000" in page)
    assert sum("BÊN NHẬN" in page for page in pages) == 1


def test_a_list_of_nothing_is_none() -> None:
    with pytest.raises(ValueError, match="at least one"):
        money_list.list_pdf(dataclasses.replace(LIST, lines=()))


def test_every_font_is_embedded() -> None:
    assert all(paper.fonts(money_receipt.receipt_pdf(RECEIPT)).values())
    assert all(paper.fonts(money_list.list_pdf(LIST)).values())


def test_many_receipts_are_one_file_and_the_copies_of_each_stand_together() -> None:
    second = dataclasses.replace(RECEIPT, is_fees=False, printed="", payee="", payer="Trần Văn Bình", amount=21_000)
    texts = paper.texts(money_receipt.receipts_pdf([RECEIPT, second]))
    assert len(texts) == 6
    assert [next(copy for copy in Copy if copy.value in text) for text in texts] == [*Copy, *Copy]
    assert [paper.squeezed("Trần Văn Bình") in paper.squeezed(text) for text in texts] == [False] * 3 + [True] * 3
    assert "Hai mươi mốt nghìn đồng." in texts[5]


def test_one_of_many_receipts_is_printed_as_it_is_alone() -> None:
    assert paper.texts(money_receipt.receipts_pdf([RECEIPT, RECEIPT]))[:3] == paper.texts(
        money_receipt.receipt_pdf(RECEIPT)
    )
    with pytest.raises(ValueError, match="no receipt"):
        money_receipt.receipts_pdf([])


def test_receipts_set_in_parts_are_as_those_set_in_one(monkeypatch: pytest.MonkeyPatch) -> None:
    many = [dataclasses.replace(RECEIPT, payer=f"Người nộp số {number}.") for number in range(5)]
    whole = paper.texts(money_receipt.receipts_pdf(many))
    monkeypatch.setattr(money_receipt, "RECEIPTS_A_PART", 2)
    parts = money_receipt.receipts_pdf(many)
    assert paper.texts(parts) == whole
    assert all(paper.fonts(parts).values())


@pytest.mark.parametrize(
    ("basis", "kind"),
    [
        ("Lệ phí cấp Phiếu lý lịch tư pháp", "Lệ phí (LP)"),
        ("Phí thẩm định hồ sơ", "Phí (P)"),
        ("Phí, lệ phí của cơ quan giải quyết", "Phí, lệ phí (P/LP)"),
        ("thông báo của cơ quan", "Phí, lệ phí (P/LP)"),
    ],
)
def test_a_receipt_says_phi_or_le_phi_only_where_its_words_do(basis: str, kind: str) -> None:
    text = paper.text(money_receipt.receipt_pdf(dataclasses.replace(RECEIPT, basis=basis), copies=(Copy.PAYER,)))
    assert paper.squeezed(f"P/LP {kind}") in paper.squeezed(text)
