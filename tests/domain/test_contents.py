"""The names of papers: where they stand and how they are read, also when they were erased."""

from dataclasses import replace

import pytest

from postal.domain import contents
from postal.domain.events import ItemKind
from tests import cast


@pytest.mark.parametrize(
    ("kept", "names"),
    [
        ('["Tờ khai", "Bản sao [có dấu]"]', ("Tờ khai", "Bản sao [có dấu]")),
        ("Giấy phép cũ\n\n  Thẻ cũ ", ("Giấy phép cũ", "Thẻ cũ")),
        ("", ()),
    ],
)
def test_names_are_read_from_a_list_or_from_lines(kept: str, names: tuple[str, ...]) -> None:
    assert contents.read(kept) == names


def test_a_line_whose_name_was_erased_keeps_its_number() -> None:
    assert [contents.name(("Tờ khai",), line) for line in (1, 2)] == ["Tờ khai", "Giấy tờ số 2"]


def test_the_first_envelope_is_named_with_its_dossier_and_the_others_by_themselves() -> None:
    dossier = replace(cast.case(), contents="with the dossier")
    outbound = replace(cast.envelope(), kind=ItemKind.OUTBOUND, contents="")
    assert contents.text_of(dossier, outbound) == "with the dossier"
    assert contents.text_of(dossier, replace(outbound, contents="its own")) == "its own"
    assert contents.text_of(dossier, replace(outbound, kind=ItemKind.RESULT)) == ""
