"""The letter that invites a citizen: where, until when, what to bring, which of two, and nothing of what is inside."""

import dataclasses

import pytest

from labels import invitation
from labels.invitation import Invitation
from labels.payload import Unprintable
from tests.labels import forms, paper


def letter_with(**changes: object) -> Invitation:
    return dataclasses.replace(forms.INVITATION, **changes)  # type: ignore[arg-type] # fields by name


def test_each_letter_is_one_page_of_a5() -> None:
    letters = [forms.INVITATION, letter_with(number=2, code="P2222-22222")]
    assert paper.sizes_mm(invitation.invitation_pdf(letters)) == [(148.0, 210.0)] * 2


@pytest.mark.parametrize(
    "expected",
    [
        "GIẤY MỜI NHẬN BƯU GỬI",
        "Lần 1/2",
        "Kính gửi: Nguyễn Thị Hồng Nhung",
        "Tổ 5, kiệt 12 Nguyễn Lương Bằng",
        "64 Bạch Đằng",
        "07:30–11:30 và 13:30–17:00, thứ Hai đến thứ Sáu",
        "thứ Sáu, 27/11/2026",
        "Căn cước hoặc hộ chiếu",
        "Người nhận thay: giấy ủy quyền còn hiệu lực",
        "P3FHJ-8QXV9",
        "Cần giúp, gọi 1900 0000",
    ],
)
def test_the_letter_says_where_until_when_and_what_to_bring(expected: str) -> None:
    assert paper.squeezed(expected) in paper.squeezed(paper.text(invitation.invitation_pdf([forms.INVITATION])))


def test_the_second_letter_says_that_it_is_the_last() -> None:
    first, second = paper.texts(invitation.invitation_pdf([forms.INVITATION, letter_with(number=2)]))
    assert ("Đây là lần mời cuối" in first, "Đây là lần mời cuối" in second) == (False, True)
    assert "Lần 2/2" in second


def test_the_symbol_carries_the_code_alone() -> None:
    pages = paper.pages(invitation.invitation_pdf([forms.INVITATION, letter_with(code="P2222-22222")]))
    assert [paper.symbols(page) for page in pages] == [["P3FHJ8QXV9"], ["P222222222"]]


def test_a_letter_has_no_field_for_what_is_inside() -> None:
    names = {field.name for field in dataclasses.fields(Invitation)}
    assert not names & {"procedure", "papers", "identity_number", "phone", "dossier", "official_code"}


def test_an_office_without_a_known_address_or_telephone_leaves_no_empty_line() -> None:
    words = paper.text(invitation.invitation_pdf([letter_with(office_address="", office_phone="")]))
    assert "Điện thoại" not in words
    assert "Địa chỉ" not in words


@pytest.mark.parametrize("text", [*forms.OVERLONG, *forms.HOSTILE])
def test_no_text_runs_off_the_paper_or_is_read_as_markup(text: str) -> None:
    letter = letter_with(
        office=text, office_address=text, office_phone=text, hours=text, until=text, receiver=text, address=text,
        bring=(text, text), printed_on=text, hotline=text,
    )  # fmt: skip
    pdf = invitation.invitation_pdf([letter])
    for page in paper.pages(pdf):
        assert min(paper.ink_mm(page)) >= 4.9
    assert paper.squeezed(paper.text(pdf)).count(paper.squeezed(text)[:16]) >= 10


def test_every_font_is_embedded_and_equal_letters_are_equal_bytes() -> None:
    pdf = invitation.invitation_pdf([forms.INVITATION])
    assert all(paper.fonts(pdf).values())
    assert pdf == invitation.invitation_pdf([forms.INVITATION])


def test_a_wrong_code_is_not_printed_and_no_letter_is_no_paper() -> None:
    with pytest.raises(Unprintable):
        invitation.invitation_pdf([letter_with(code="P3FHJ-8QXVA")])
    with pytest.raises(ValueError, match="no invitation"):
        invitation.invitation_pdf([])
