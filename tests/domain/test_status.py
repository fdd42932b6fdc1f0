"""Three axes, one word: custody, postal stage and agency status give exactly one status of the vocabulary."""

import re
import string
import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postal.domain import status
from postal.domain.dossier import AgencyStatus, Dossier
from postal.domain.events import AttemptReason, Event, Ground, ItemKind, Service
from postal.domain.item import Custody, Item, Trouble
from postal.domain.people import Custodian, PositionKind, citizen_custodian
from postal.domain.status import AGENCY_WORDS, STAGE_WORDS, STEPS, WORDS, Stage, Status
from tests import cast, chance

S, A = Stage, AgencyStatus

# The vocabulary of all screens.
VOCABULARY = {
    "accepted", "scanned", "bagged", "departed", "arrived", "handed_over", "agency_received", "processing", "need_more",
    "fee_due", "refused", "withdrawn", "stopped", "result_ready", "result_collected", "out_for_delivery",
    "delivery_failed", "at_post_office", "delivered", "missing", "damaged", "misrouted",
}  # fmt: skip
OURS = {
    "awaiting_papers", "turned_back", "voided",
    "sent_back", "papers_collected", "papers_out_for_delivery", "papers_delivered",
}  # fmt: skip
"""Outside the national list: papers a postman still has to fetch, guidance without a registration, one taken back."""

BANNED = ("thao tác thành công", "thao tác thất bại", "lỗi hệ thống", "không được để trống", "có lỗi xảy ra", "invalid")
FIELDS = {"place", "date", "count", "amount", "reason"}
MOST_WORDS = 15

far_sorting = Custodian(kind=cast.sorting.kind, key="100900:sorting", side=cast.sorting.side, place="100900")


def out(**changes: object) -> Item:
    """Return the papers on their way out, changed by hand."""
    return replace(cast.envelope(), **changes)  # type: ignore[arg-type]


def back(**changes: object) -> Item:
    """Return the result on its way back, changed by hand."""
    return replace(cast.result(), **changes)  # type: ignore[arg-type]


AT_STAGE: dict[Stage, Item | None] = {
    S.NOT_YET: None,
    S.AT_COUNTER: out(),
    S.BAGGED: out(custody=Custody.BAGGED, bag=cast.BAG),
    S.ON_THE_WAY: out(custodian=cast.transport, has_left=True),
    S.AT_OFFICE: out(custodian=far_sorting, has_left=True),
    S.WITH_AUTHORITY: out(custodian=cast.desk, has_left=True),
    S.RESULT_READY: back(),
    S.RESULT_WITH_POST: back(custodian=cast.sorting),
    S.ON_RUN: back(custodian=cast.nam_on_his_run),
    S.VISITED: back(custodian=cast.nam_on_his_run, attempt_reason=AttemptReason.NOBODY_THERE),
    S.AT_PICKUP: back(custodian=cast.counter, pickup_until=cast.today),
    S.GOING_BACK: back(custodian=cast.counter, pickup_until=cast.today, ground=Ground.TWO_INVITATIONS),
    S.DELIVERED: back(custody=Custody.DELIVERED, custodian=citizen_custodian(cast.DOSSIER)),
    S.MISSING: out(trouble=Trouble.MISSING),
    S.DAMAGED: back(trouble=Trouble.DAMAGED),
    S.MISROUTED: out(trouble=Trouble.MISROUTED),
    S.VOIDED: out(custody=Custody.VOIDED, custodian=citizen_custodian(cast.DOSSIER)),
}

POSTAL_OUT = {
    S.AT_COUNTER: Status.ACCEPTED,
    S.BAGGED: Status.BAGGED,
    S.ON_THE_WAY: Status.DEPARTED,
    S.AT_OFFICE: Status.ARRIVED,
    S.WITH_AUTHORITY: Status.HANDED_OVER,
}
POSTAL_BACK = {
    S.RESULT_READY: Status.RESULT_READY,
    S.RESULT_WITH_POST: Status.RESULT_COLLECTED,
    S.ON_RUN: Status.OUT_FOR_DELIVERY,
    S.VISITED: Status.DELIVERY_FAILED,
    S.AT_PICKUP: Status.AT_POST_OFFICE,
    S.GOING_BACK: Status.SENT_BACK,
    S.DELIVERED: Status.DELIVERED,
}
TROUBLED = {S.MISSING: Status.MISSING, S.DAMAGED: Status.DAMAGED, S.MISROUTED: Status.MISROUTED}
GONE = {S.NOT_YET: Status.AWAITING_PAPERS, S.VOIDED: Status.AWAITING_PAPERS}
"""Without an envelope that lives, the papers of a new case are still with the citizen."""

# What the word is, for every status of the agency and every stage of the leading item.
EXPECTED: dict[AgencyStatus, dict[Stage, Status]] = {
    A.NEW: {**GONE, **POSTAL_OUT, **POSTAL_BACK, **TROUBLED},
    A.RECEIVED: {**dict.fromkeys(Stage, Status.AGENCY_RECEIVED), **TROUBLED},
    A.NOT_RECEIVED: dict.fromkeys(Stage, Status.REFUSED),
    A.IN_WORK: {**dict.fromkeys(Stage, Status.PROCESSING), **TROUBLED},
    A.SUPPLEMENT: {**dict.fromkeys(Stage, Status.NEED_MORE), **TROUBLED},
    A.PAYMENT: {**dict.fromkeys(Stage, Status.FEE_DUE), **TROUBLED},
    A.WITHDRAWN: dict.fromkeys(Stage, Status.WITHDRAWN),
    A.STOPPED: dict.fromkeys(Stage, Status.STOPPED),
    A.RESOLVED: {**dict.fromkeys(Stage, Status.RESULT_READY), **POSTAL_BACK, **TROUBLED},
    A.RETURNED: {**dict.fromkeys(Stage, Status.DELIVERED), **POSTAL_BACK, **TROUBLED},
    A.TURNED_BACK: dict.fromkeys(Stage, Status.TURNED_BACK),
    A.VOIDED: dict.fromkeys(Stage, Status.VOIDED),
}


ENDED_WITHOUT_RESULT = {
    A.NOT_RECEIVED: Status.REFUSED,
    A.WITHDRAWN: Status.WITHDRAWN,
    A.STOPPED: Status.STOPPED,
}
PAPERS_HOME: dict[Stage, Status] = {
    S.RESULT_WITH_POST: Status.PAPERS_COLLECTED,
    S.ON_RUN: Status.PAPERS_OUT_FOR_DELIVERY,
    S.VISITED: Status.DELIVERY_FAILED,
    S.AT_PICKUP: Status.AT_POST_OFFICE,
    S.GOING_BACK: Status.SENT_BACK,
    S.DELIVERED: Status.PAPERS_DELIVERED,
    S.DAMAGED: Status.DAMAGED,
}
"""What is said while papers come home; at the desk the decision still says it all."""


def _case(agency: AgencyStatus) -> Dossier:
    return replace(cast.case(), status=agency)


# --- the table --------------------------------------------------------------------------------------------------------


def test_the_tables_are_complete() -> None:
    assert set(AT_STAGE) == set(STAGE_WORDS) == set(Stage)
    assert set(EXPECTED) == set(AGENCY_WORDS) == set(AgencyStatus)
    assert all(set(row) == set(Stage) for row in EXPECTED.values())
    assert set(WORDS) == set(Status)


@pytest.mark.parametrize("stage", Stage)
def test_where_the_leading_item_is_gives_the_stage(stage: Stage) -> None:
    assert status.stage(AT_STAGE[stage]) is stage


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("agency", AgencyStatus, ids=lambda value: value.name)
def test_agency_and_post_together_have_one_word(agency: AgencyStatus, stage: Stage) -> None:
    item = AT_STAGE[stage]
    assert status.word(_case(agency), [item] if item else []) is EXPECTED[agency][stage]


def test_what_lies_in_a_bag_is_where_its_bag_is() -> None:
    packed = cast.envelope(cast.envelope().pack(bag=cast.empty_bag(), by=cast.lan, at=cast.monday))
    bag = cast.sealed_bag()
    on_the_road = replace(bag, custodian=cast.transport, has_left=True)
    at_the_hub = replace(bag, custodian=far_sorting, has_left=True)
    at_the_desk = replace(bag, custodian=cast.desk, has_left=True)
    lost = replace(on_the_road, is_missing=True)
    found = {
        Stage.BAGGED: bag,
        Stage.ON_THE_WAY: on_the_road,
        Stage.AT_OFFICE: at_the_hub,
        Stage.WITH_AUTHORITY: at_the_desk,
        Stage.MISSING: lost,
    }
    assert {stage: status.stage(packed.inside(each)) for stage, each in found.items()} == {s: s for s in found}
    result = replace(cast.result(), custody=Custody.BAGGED, bag=cast.BAG)
    assert status.stage(result) is Stage.RESULT_READY
    assert status.stage(replace(result, custodian=cast.sorting)) is Stage.RESULT_WITH_POST


def test_the_vocabulary_is_the_agreed_one_and_every_word_of_it_is_said() -> None:
    assert {each.value for each in Status} == VOCABULARY | OURS
    said = {said for row in EXPECTED.values() for said in row.values()} | {*PAPERS_HOME.values(), Status.SCANNED}
    assert said == set(Status)


def test_who_only_receives_a_result_has_given_us_no_papers() -> None:
    assert status.word(cast.case(service=Service.RECEIVE), []) is Status.PROCESSING


def test_a_result_on_its_way_leads_the_story_and_a_voided_envelope_never_does() -> None:
    envelope, result = out(), back()
    voided = replace(result, code="P222222222", custody=Custody.VOIDED)
    assert status.leading([envelope, result]) is result
    assert status.leading([envelope, voided]) is envelope
    assert status.leading([voided]) is None
    assert status.leading([replace(envelope, kind=ItemKind.SLIP)]) is None


@pytest.mark.parametrize("stage", [*PAPERS_HOME, S.RESULT_READY])
@pytest.mark.parametrize("agency", ENDED_WITHOUT_RESULT, ids=lambda value: value.name)
def test_papers_that_come_home_have_words_of_their_own(agency: AgencyStatus, stage: Stage) -> None:
    item = AT_STAGE[stage]
    assert item is not None
    returned = replace(item, kind=ItemKind.RETURNED)
    expected = PAPERS_HOME.get(stage, ENDED_WITHOUT_RESULT[agency])
    assert status.word(_case(agency), [out(), returned]) is expected


@pytest.mark.parametrize("agency", ENDED_WITHOUT_RESULT, ids=lambda value: value.name)
def test_an_envelope_that_turned_round_is_papers_that_come_home(agency: AgencyStatus) -> None:
    turned = out(destination=cast.to_the_citizen, custodian=cast.nam_on_his_run)
    assert status.word(_case(agency), [turned]) is Status.PAPERS_OUT_FOR_DELIVERY


def test_papers_that_come_home_never_speak_over_a_result_or_an_authority_at_work() -> None:
    returned = replace(back(custodian=cast.nam_on_his_run), code="P222222222", kind=ItemKind.RETURNED)
    assert status.leading([out(), returned]) is returned
    assert status.leading([back(), returned]) == back()
    assert status.word(_case(A.IN_WORK), [returned]) is Status.PROCESSING


def test_no_word_about_papers_promises_a_result() -> None:
    for said in PAPERS_HOME.values():
        assert "kết quả" not in " ".join(_texts(said)).lower()
        assert "result" not in WORDS[said].citizen_en


def test_of_two_envelopes_the_later_one_leads() -> None:
    later = replace(out(), code="P222222222", registered_at=cast.after(days=2))
    assert status.leading([later, out()]) is later


@given(chance.histories(), chance.histories(), st.sampled_from(ItemKind))
def test_every_history_has_a_word(of_case: list[Event], of_item: list[Event], kind: ItemKind) -> None:
    item = replace(cast.envelope(*of_item), kind=kind)
    assert status.word(cast.case(*of_case), [item]) in Status


def test_an_own_transport_carries_what_has_departed() -> None:
    assert cast.at(cast.OFFICE, PositionKind.TRANSPORT, 2).is_on_the_road
    assert status.stage(out(custodian=cast.at(cast.OFFICE, PositionKind.TRANSPORT, 2), has_left=True)) is S.ON_THE_WAY


# --- the words --------------------------------------------------------------------------------------------------------


def _texts(each: Status) -> list[str]:
    said = WORDS[each]
    return [said.staff, said.citizen, said.citizen_en]


@pytest.mark.parametrize("each", Status)
def test_a_status_is_said_in_composed_letters_without_a_banned_word(each: Status) -> None:
    for text in _texts(each):
        assert text == unicodedata.normalize("NFC", text).strip()
        assert not [word for word in BANNED if word in text.lower()]


@pytest.mark.parametrize("each", Status)
def test_a_citizen_reads_short_whole_sentences(each: Status) -> None:
    for text in (WORDS[each].citizen, WORDS[each].citizen_en):
        assert text.endswith(".")
        sentences = [sentence for sentence in re.split(r"[.!?:]", text) if sentence.strip()]
        assert max(len(sentence.split()) for sentence in sentences) <= MOST_WORDS


@pytest.mark.parametrize("each", Status)
def test_a_sentence_asks_for_the_same_facts_in_both_languages(each: Status) -> None:
    vi, en = _fields(WORDS[each].citizen), _fields(WORDS[each].citizen_en)
    assert vi == en
    assert vi | _fields(WORDS[each].staff) <= FIELDS


def _fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@pytest.mark.parametrize("each", Status)
def test_every_status_is_one_of_the_five_steps(each: Status) -> None:
    assert 1 <= WORDS[each].step <= len(STEPS) == 5


def test_no_two_statuses_are_called_the_same() -> None:
    staff = [WORDS[each].staff for each in Status]
    assert len(set(staff)) == len(staff)
