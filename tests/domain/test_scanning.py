"""Whose pages are whose in a stack, what must not be scanned, what may be used again; nothing is guessed."""

from dataclasses import replace
from datetime import date

import pytest

from postal.domain import dossier, scanning, status
from postal.domain.dossier import AgencyStatus, Dossier
from postal.domain.events import PaperScanned
from postal.domain.lifecycle import NotNow
from postal.domain.procedures import PaperRequired, ProcedureVersion
from postal.domain.scanning import Given, Held, NoSuchLine, NothingToScan, Offer, Place, Scan
from postal.domain.status import Status
from tests import cast

OTHER = "22222-22222".replace("-", "")
NONE: frozenset[str] = frozenset()
LABEL, SECOND = frozenset({cast.ITEM}), frozenset({OTHER})
FOUND: dict[str, str | Held] = {cast.ITEM: cast.DOSSIER, cast.DOSSIER: cast.DOSSIER, OTHER: OTHER}
NAMES = ("Tờ khai", "Giấy khai sinh", "Ý kiến của xã")
VERSION = ProcedureVersion(
    code=cast.PROCEDURE,
    name="Thủ tục",
    basis="-",
    papers=(
        PaperRequired(name="Tờ khai", digitise=True),
        PaperRequired(name="Giấy khai sinh"),
        PaperRequired(name="Ý kiến của xã", digitise=False, no_scan_reason="opinion"),
    ),
)


def a_scan(line: int = 1, **more: object) -> Scan:
    fields = {"line": line, "file": "ab" * 32, "pages": 2, "size": 1000, "kind": "application/pdf", "at": cast.monday}
    return Scan(**{**fields, **more})  # type: ignore[arg-type]


def opened(lines: int = 3) -> Dossier:
    return replace(cast.case(), paper_lines=lines)


# --- a stack ----------------------------------------------------------------------------------------------------------


def test_a_label_opens_the_part_of_its_dossier_up_to_the_next_label() -> None:
    places = scanning.split([LABEL, NONE, SECOND, NONE], FOUND)
    assert [place.dossier for place in places] == [cast.DOSSIER, cast.DOSSIER, OTHER, OTHER]
    assert [place.begins for place in places] == [True, False, True, False]


def test_pages_before_the_first_label_are_held() -> None:
    assert scanning.split([NONE, LABEL], FOUND)[0] == Place(held=Held.NO_LABEL)


def test_pages_before_the_first_label_go_where_a_person_said() -> None:
    assert scanning.split([NONE, SECOND], FOUND, default=cast.DOSSIER)[0] == Place(dossier=cast.DOSSIER)


def test_a_label_that_nobody_knows_holds_everything_up_to_the_next_one() -> None:
    places = scanning.split([LABEL, SECOND, NONE, LABEL], {**FOUND, OTHER: Held.UNKNOWN})
    assert [place.held for place in places] == [None, Held.UNKNOWN, Held.UNKNOWN, None]
    assert not places[2].dossier, "the page after a strange label is not the dossier's before"


def test_two_dossiers_on_one_page_hold_it_and_what_follows() -> None:
    places = scanning.split([LABEL | SECOND, NONE], FOUND)
    assert [place.held for place in places] == [Held.TWO_LABELS, Held.TWO_LABELS]


def test_the_labels_of_item_and_dossier_on_one_page_are_one_dossier() -> None:
    assert scanning.split([frozenset({cast.ITEM, cast.DOSSIER})], FOUND)[0].dossier == cast.DOSSIER


@pytest.mark.parametrize("text", ["", "https://example.vn/7K2M49RTBQ", cast.BAG, "7K2M49RTBX", "EX123456785VN", "0001"])
def test_a_symbol_that_is_no_label_says_nothing(text: str) -> None:
    assert scanning.label_code(text) == ""


# --- what must not be scanned -----------------------------------------------------------------------------------------


def test_what_the_catalogue_keeps_out_says_why() -> None:
    required = scanning.required_for("ý kiến của XÃ", VERSION)
    assert scanning.why_not(required) == f"văn bản lấy ý kiến, ý kiến của cơ quan ({scanning.BASIS})"


@pytest.mark.parametrize("name", ["Tờ khai", "Giấy khai sinh", "Giấy tự ghi"])
def test_what_nobody_forbade_may_be_scanned(name: str) -> None:
    assert scanning.why_not(scanning.required_for(name, VERSION)) == ""


def test_words_of_the_catalogue_stand_as_they_are() -> None:
    assert scanning.why_not(PaperRequired(name="-", digitise=False, no_scan_reason="tài liệu mật")) == "tài liệu mật"
    assert scanning.why_not(PaperRequired(name="-", digitise=False)) == "danh mục ghi không số hóa"


def test_lines_that_must_not_be_scanned_are_not_waited_for() -> None:
    assert scanning.lines_to_scan(NAMES, lines=3, version=VERSION) == (1, 2)
    assert scanning.lines_to_scan((), lines=3, version=VERSION) == (1, 2, 3)


# --- the dossier ------------------------------------------------------------------------------------------------------


def test_a_dossier_is_digitised_once_no_line_is_left() -> None:
    half = opened().evolve(opened().scan(a_scan(1), left=1, by=cast.lan))
    whole = half.evolve(half.scan(a_scan(2), left=0, by=cast.lan))
    assert (half.is_digitised, whole.is_digitised) == (False, True)
    assert [scan.line for scan in whole.scans] == [1, 2]
    assert status.word(half, [cast.envelope()]) is Status.ACCEPTED
    assert status.word(whole, [cast.envelope()]) is Status.SCANNED


def test_a_digitised_dossier_under_way_says_where_it_is() -> None:
    whole = opened().evolve(opened().scan(a_scan(), left=0, by=cast.lan))
    gone = replace(cast.envelope(), custodian=cast.transport, has_left=True)
    assert status.word(whole, [gone]) is Status.DEPARTED


def test_a_later_scan_of_a_line_counts_in_the_stead_of_the_earlier() -> None:
    once = opened().evolve(opened().scan(a_scan(), left=2, by=cast.lan))
    again = once.evolve(once.scan(a_scan(file="cd" * 32), left=2, by=cast.lan))
    found = again.scan_of(1)
    assert found is not None
    assert (found.file, len(again.scans)) == ("cd" * 32, 1)


@pytest.mark.parametrize("line", [0, 4, -1])
def test_a_line_that_is_not_on_the_list_is_refused(line: int) -> None:
    with pytest.raises(NoSuchLine, match=f"số {line}"):
        opened().scan(a_scan(line), left=0, by=cast.lan)


def test_a_dossier_that_only_receives_has_nothing_to_scan() -> None:
    with pytest.raises(NothingToScan, match="TT-VPCP"):
        opened(0).scan(a_scan(), left=0, by=cast.lan)


@pytest.mark.parametrize("over", [AgencyStatus.VOIDED, AgencyStatus.TURNED_BACK, AgencyStatus.RETURNED])
def test_a_dossier_that_is_over_takes_no_scan(over: AgencyStatus) -> None:
    assert (over, PaperScanned) not in dossier.LIFECYCLE
    with pytest.raises(NotNow):
        replace(opened(), status=over).scan(a_scan(), left=0, by=cast.lan)


def test_a_reused_paper_says_where_it_came_from() -> None:
    offer = Offer(line=2, given=Given(dossier=OTHER, name="Giấy khai sinh", scan=a_scan(1)))
    after = opened().evolve(opened().reuse(offer, basis="đồng ý", left=1, by=cast.lan, at=cast.monday))
    found = after.scan_of(2)
    assert found is not None
    assert (found.source, found.file) == (f"{OTHER}/1", "ab" * 32)


# --- using a paper again ----------------------------------------------------------------------------------------------


def given(name: str = "giấy  khai sinh", **more: object) -> Given:
    return Given(dossier=OTHER, name=name, scan=a_scan(**more))  # type: ignore[arg-type]


def test_a_paper_of_the_same_name_is_offered_for_its_line() -> None:
    assert set(scanning.offers(NAMES, wanted=[1, 2], given=[given()], on=cast.today)) == {2}


def test_a_paper_that_has_run_out_is_not_offered() -> None:
    assert scanning.offers(NAMES, wanted=[2], given=[given(valid_to=date(2026, 11, 15))], on=cast.today) == {}
    assert scanning.offers(NAMES, wanted=[2], given=[given(valid_to=cast.today)], on=cast.today)


def test_the_latest_of_several_is_offered() -> None:
    older = given(file="cd" * 32, at=cast.after(days=-9))
    found = scanning.offers(NAMES, wanted=[2], given=[given(), older], on=cast.today)
    assert found[2].given.scan.file == "ab" * 32


def test_a_paper_without_a_name_matches_nothing() -> None:
    assert scanning.offers(("",), wanted=[1], given=[given(name="")], on=cast.today) == {}
