"""Phiếu gửi: both copies say the same, the secret stands on the citizen's alone, and nothing runs off the paper."""

import ctypes
import dataclasses
import re

import pypdfium2
import pytest
from PIL import Image
from pypdfium2 import raw

from labels import payload, receipt
from labels.receipt import Copy, PaperLine, Receipt, ResultDue
from tests.labels import forms, paper

ADDRESS = payload.receipt_url(forms.RECEIPT.public_url, forms.SECRET)
CODE = payload.item_code(forms.RECEIPT.code)
MANY_PAPERS = tuple(
    PaperLine(name=f"{forms.RECEIPT.procedure}, giấy tờ thứ {number}: Ấ Ẫ Ậ Ộ Ữ ỹ đ Đ", originals=1, copies=number)
    for number in range(1, 41)
)


def receipt_with(**changes: object) -> Receipt:
    return dataclasses.replace(forms.RECEIPT, **changes)  # type: ignore[arg-type] # fields by name


def citizens(piece: Receipt = forms.RECEIPT) -> bytes:
    return receipt.receipt_pdf(piece, copies=[Copy.CITIZEN])


def posts(piece: Receipt = forms.RECEIPT) -> bytes:
    return receipt.receipt_pdf(piece, copies=[Copy.POST])


# ------------------------------------------------------------------------------------------------- whose copy says what
def test_the_citizens_symbol_opens_the_dossier_and_the_posts_has_the_code_alone() -> None:
    pages = paper.pages(receipt.receipt_pdf(forms.RECEIPT))
    assert [paper.symbols(page) for page in pages] == [[ADDRESS], [], [CODE], []]


def test_the_posts_copy_holds_neither_secret_nor_pin_nor_a_way_to_look() -> None:
    pdf = posts(receipt_with(pin=forms.PIN))
    assert [paper.symbols(page) for page in paper.pages(pdf)] == [[CODE], []]
    for hidden in (forms.SECRET, forms.PIN, "hoso.example.vn", "HOSO.EXAMPLE.VN", "Mã PIN", "Cách xem"):
        assert hidden not in paper.text(pdf)
        assert hidden.encode() not in pdf


def test_the_posts_copy_does_not_depend_on_the_secret() -> None:
    other = receipt_with(secret=forms.SECRET[::-1], pin="111111")
    assert posts(other) == posts()


def test_the_secret_is_in_the_symbol_alone_and_never_in_letters() -> None:
    assert forms.SECRET not in paper.squeezed(paper.text(citizens()))


def test_secret_and_pin_are_not_told_when_a_receipt_is_logged() -> None:
    told = repr(receipt_with(pin=forms.PIN))
    assert forms.SECRET not in told
    assert forms.PIN not in told


@pytest.mark.parametrize(
    "expected",
    [
        receipt.TITLE,
        "7K2M4-9RTBQ",
        "Cách xem: 1. Mở máy ảnh hoặc Zalo 2. Đưa vào ô vuông",
        "hoso.example.vn",
        "trong tin nhắn",
        "không bao giờ hỏi tiền, số căn cước, và không yêu cầu cài ứng dụng",
        "Cần giúp, gọi 1900 0000",
        "Liên 1: Người gửi giữ",
    ],
)
def test_the_citizens_copy_says_how_to_look_and_what_is_never_asked(expected: str) -> None:
    assert paper.squeezed(expected) in paper.squeezed(paper.text(citizens()))


@pytest.mark.parametrize("copy", list(Copy))
def test_each_copy_holds_everything_the_contract_must_say(copy: Copy) -> None:
    words = paper.squeezed(paper.text(receipt.receipt_pdf(forms.RECEIPT, copies=[copy])))
    expected = [
        *(text for party in (forms.RECEIPT.sender, forms.RECEIPT.receiver) for text in dataclasses.astuple(party)),
        *(line.name for line in forms.RECEIPT.papers),
        "trả lại sau khi đối chiếu",
        "Tổng số bản 2 1 2",
        "Cước bưu chính", "30.000 đ", "Tiền mặt", "8.000 đ", "Thu sau",
        *forms.RECEIPT.rights,
        *forms.RECEIPT.liability,
        forms.RECEIPT.service, forms.RECEIPT.procedure, forms.RECEIPT.received_at, forms.RECEIPT.received_place,
        forms.RECEIPT.method, forms.RECEIPT.quality, "85 g", "881245", "P3FHJ-8QXV9", "EB 123 456 789 VN",
        "như hợp đồng bằng văn bản", "NGƯỜI GỬI", "NHÂN VIÊN BƯU ĐIỆN", "Trần Thị Lan", "1900 0000",
    ]  # fmt: skip
    assert [text for text in expected if paper.squeezed(text) not in words] == []


# ---------------------------------------------------------------------------------------------------------- the promise
def test_where_the_post_only_carries_no_due_date_is_promised() -> None:
    words = paper.text(citizens())
    assert "Dự kiến đến cơ quan: thứ Năm, 19/11/2026; ngày hẹn trả báo sau khi cơ quan tiếp nhận" in words
    assert "Hẹn trả kết quả" not in words


def test_where_the_post_receives_the_due_date_is_large_and_bold() -> None:
    pdf = citizens(receipt_with(promise=ResultDue("09:00, thứ Sáu, 27/11/2026")))
    assert "Hẹn trả kết quả 09:00, thứ Sáu, 27/11/2026" in paper.text(pdf)
    assert "Dự kiến đến cơ quan" not in paper.text(pdf)
    assert letters_of(pdf, "27/11/2026") == ({16.0}, {"Bold"})


def test_the_code_is_18_points_and_the_address_14() -> None:
    assert letters_of(citizens(), "7K2M4-9RTBQ")[0] == {18.0}
    assert letters_of(citizens(), "hoso.example.vn")[0] == {14.0}


def letters_of(pdf: bytes, words: str) -> tuple[set[float], set[str]]:
    """Return the sizes in points and the weights that the first occurrence of the words is set in."""
    with pypdfium2.PdfDocument(pdf) as document:
        letters = document[0].get_textpage()
        found = letters.search(words).get_next()
        assert found
        places = range(found[0], found[0] + found[1])
        sizes = {round(raw.FPDFText_GetFontSize(letters.raw, place), 1) for place in places}
        return sizes, {weight_at(letters, place) for place in places}


def weight_at(letters: pypdfium2.PdfTextPage, place: int) -> str:
    """Return the weight in the name of the font: `Bold` of `ABCDEF+BeVietnamPro-Bold`."""
    name, flags = ctypes.create_string_buffer(200), ctypes.c_int()
    raw.FPDFText_GetFontInfo(letters.raw, place, name, 200, flags)
    return name.value.decode().rpartition("-")[2]


# ---------------------------------------------------------------------------------------------------------------- paper
def test_an_ordinary_receipt_is_both_sides_of_one_sheet_a_copy() -> None:
    pdf = receipt.receipt_pdf(forms.RECEIPT)
    assert paper.sizes_mm(pdf) == [(148.0, 210.0)] * 4
    footers = [re.findall(r"Liên \d: [^·]*? giữ Trang \d/\d", page)[-1] for page in paper.texts(pdf)]
    assert footers == [
        "Liên 1: Người gửi giữ Trang 1/2",
        "Liên 1: Người gửi giữ Trang 2/2",
        "Liên 2: Bưu điện giữ Trang 1/2",
        "Liên 2: Bưu điện giữ Trang 2/2",
    ]


def test_every_letter_of_the_citizens_copy_but_the_foot_is_at_least_12_points() -> None:
    pdf = citizens(receipt_with(pin=forms.PIN))
    small = set()
    with pypdfium2.PdfDocument(pdf) as document:
        for page in document:
            letters = page.get_textpage()
            for place in range(letters.count_chars()):
                size = raw.FPDFText_GetFontSize(letters.raw, place)
                if size < 11.9 and letters.get_text_range(place, 1).strip():
                    small.add(round(letters.get_charbox(place)[1] / paper.POINTS_PER_MM))
    foot = 12 + 17
    assert small
    assert max(small) < foot


def test_forty_papers_flow_on_with_the_header_repeated_and_each_copy_on_a_sheet_of_its_own() -> None:
    pdf = receipt.receipt_pdf(receipt_with(papers=MANY_PAPERS))
    pages = paper.texts(pdf)
    second = next(index for index, page in enumerate(pages) if "Liên 2" in page)
    assert second % 2 == 0
    assert all(re.search(rf"Trang {index + 1}/\d", page) for index, page in enumerate(pages[:second]) if page)
    with_papers = [page for page in pages if "giấy tờ thứ" in page]
    assert len(with_papers) >= 6
    assert all("STT Giấy tờ" in page for page in with_papers)
    numbers = [int(number) for number in re.findall(r"giấy tờ thứ (\d+):", " ".join(pages))]
    assert numbers == [*range(1, 41)] * 2
    assert_inside(pdf)


def assert_inside(pdf: bytes) -> None:
    """No letter and no ink nearer to the edge of the paper than an office printer reaches; a blank side has none."""
    for page in paper.pages(pdf):
        if page.getextrema() != (255, 255):
            assert min(paper.ink_mm(cut_off_the_strip(page))) >= 4.9


def cut_off_the_strip(page: Image.Image) -> Image.Image:
    """Return the page without a dashed line from edge to edge, which is where the strip is torn off."""
    lines = [y for y in range(page.height) if not page.getpixel((0, y)) and not page.getpixel((page.width - 1, y))]
    return page.crop((0, 0, page.width, lines[0])) if lines else page


@pytest.mark.parametrize("text", [forms.LONGEST_DESK * 6, *forms.OVERLONG, *forms.HOSTILE])
def test_no_text_runs_off_the_paper_or_is_read_as_markup(text: str) -> None:
    party = receipt.ReceiptParty(name=text, address=text, phone=text, email=text)
    pdf = receipt.receipt_pdf(
        receipt_with(
            office=text, sender=party, receiver=party, on_behalf_of=text, service=text, procedure=text,
            papers=(PaperLine(name=text, originals=1, note=text),) * 2, papers_note=text, received_at=text,
            received_place=text, method=text, weight=text, post_number=text, seal_number=text, quality=text,
            charges=(receipt.Charge(name=text, amount=10**9, payment=text),), rights=(text,), liability=(text,),
            hotline=text, clerk=text, promise=ResultDue(text),
        )
    )  # fmt: skip
    assert_inside(pdf)
    assert any(ADDRESS in paper.symbols(page) for page in paper.pages(pdf))
    printed = paper.squeezed(paper.text(pdf).replace("-\x02", "-"))
    assert printed.count(paper.squeezed(text)[:40]) >= 20


# --------------------------------------------------------------------------------------------------------------- symbol
def test_the_citizens_symbol_has_modules_of_one_millimetre_and_its_quiet_zone() -> None:
    (page, *_) = paper.pages(citizens(), dpi=254)
    area = symbol_area(page, modules=29, dots=10)
    left, top, right, bottom = area
    runs = [run for y in range(top, bottom, 10) for run in paper.runs(page.crop((left, y + 5, right, y + 6)), y=0)]
    assert {dots % 10 for _, dots in runs} <= {0, 1, 9}
    assert right - left == pytest.approx(290, abs=2)
    around = page.crop((left - 40, top - 40, right + 40, bottom + 40))
    assert dark(around) == dark(page.crop(area))


def symbol_area(page: Image.Image, *, modules: int, dots: int) -> tuple[int, int, int, int]:
    """Return the symbol's edges: where its first finder pattern begins, seen as the first long run of ink."""
    for y in range(page.height):
        for begin, length in paper.runs(page, y=y):
            if abs(length - 7 * dots) <= 1:
                return begin, y, begin + modules * dots, y + modules * dots
    raise AssertionError("no finder pattern")


def dark(area: Image.Image) -> int:
    return area.histogram()[0]


# ------------------------------------------------------------------------------------------------------------ the strip
def test_the_pin_is_on_a_strip_that_tears_off_without_taking_anything_else() -> None:
    pdf = citizens(receipt_with(pin=forms.PIN, papers=MANY_PAPERS))
    first, second, *others = paper.texts(pdf)
    assert forms.PIN in first
    assert "ở cuối trang" in first
    assert not any(forms.PIN in page for page in (second, *others))
    assert first.endswith("Xé dải này, cất riêng, không đưa cho ai. Mã PIN của phiếu có ba ký tự cuối TBQ: 482915")
    behind = paper.pages(pdf)[1]
    assert paper.ink_mm(behind)[3] >= 17


def test_without_a_pin_there_is_no_strip() -> None:
    assert "Xé" not in paper.text(citizens())


# -------------------------------------------------------------------------------------------------------------- details
def test_an_envelope_that_is_sealed_later_leaves_room_for_the_seal_number() -> None:
    assert re.search(r"Số niêm phong: \.{10,}", paper.text(citizens(receipt_with(seal_number=""))))


def test_what_is_empty_is_not_printed() -> None:
    words = paper.text(citizens(receipt_with(post_number="", item_code="")))
    assert "Số hiệu" not in words
    assert "Mã bưu gửi" not in words
    assert "Hồ sơ của" not in words
    assert "Hồ sơ của Nguyễn Văn An" in paper.text(citizens(receipt_with(on_behalf_of="Nguyễn Văn An")))


def test_every_font_is_embedded() -> None:
    fonts = paper.fonts(receipt.receipt_pdf(forms.RECEIPT))
    assert len(fonts) >= 4
    assert all(fonts.values()), fonts


def test_the_same_receipt_gives_the_same_bytes() -> None:
    assert receipt.receipt_pdf(forms.RECEIPT) == receipt.receipt_pdf(forms.RECEIPT)


@pytest.mark.parametrize(
    "wrong", [{"code": "7K2M4"}, {"secret": "7K2M4"}, {"public_url": "hoso"}, {"item_code": "P3FHJ"}]
)
def test_a_wrong_code_secret_or_address_prints_nothing(wrong: dict[str, object]) -> None:
    with pytest.raises(payload.Unprintable):
        receipt.receipt_pdf(receipt_with(**wrong))


def test_no_copy_asked_for_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="no copy"):
        receipt.receipt_pdf(forms.RECEIPT, copies=[])
