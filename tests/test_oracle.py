"""Two judges of custody that share no code, one of the tests and one of the product: each rule, and they agree."""

import dataclasses
from typing import Any

import pytest

from postal.domain import oracle as products
from postal.domain.oracle import Fact
from tests import oracle
from tests.oracle import Row

ITEM, RECORD = "P3FHJ8QXV9", "G5R2X6VTHC"
LAN = {"kind": "position", "key": "551000:counter"}
TAI = {"kind": "position", "key": "551000:transport"}
HOA = {"kind": "position", "key": "MC-T48:desk"}
NAM = {"kind": "person", "key": "nam"}


def _row(version: int, kind: str, by: str, **data: Any) -> Row:
    return Row("item", ITEM, version, kind, {"by": {"account": by}, **data})


def _taken(position: dict[str, str], *accounts: str) -> list[Row]:
    return [Row("position", position["key"], n, "PositionTaken", {"holder": a}) for n, a in enumerate(accounts, 1)]


POSITIONS = [*_taken(LAN, "lan", "mai"), *_taken(TAI, "tai"), *_taken(HOA, "hoa", "binh")]
REGISTERED = _row(1, "Registered", "lan", custodian=LAN)
OFFERED = _row(2, "HandedOver", "lan", to=TAI, record=RECORD)
ACCEPTED = _row(3, "Accepted", "tai", record=RECORD)
ON_PAPER = _row(3, "SignedOnPaper", "lan", to=TAI, record=RECORD)
BEGUN = [REGISTERED, OFFERED]
DONE = [*BEGUN, ACCEPTED]

HONEST = {
    "accepted": DONE,
    "declined": [*BEGUN, _row(3, "Declined", "tai", record=RECORD, reason="missing")],
    "recalled by who has the counter now": [*BEGUN, _row(3, "Recalled", "mai", record=RECORD)],
    "on paper": [*BEGUN, ON_PAPER],
    "taken over while offered": [*BEGUN, _row(3, "TakenOver", "hoa", to=HOA, reason="")],
    "delivered": [*DONE, _row(4, "TakenOver", "nam", to=NAM, reason=""), _row(5, "Delivered", "nam")],
    "voided": [REGISTERED, _row(2, "Voided", "lan", reason="")],
    "in trouble": [*DONE, _row(4, "ReportedMissing", "tai"), _row(5, "Found", "tai")],
}

DISHONEST = {
    "two accept at once": [*DONE, _row(3, "Accepted", "mai", record=RECORD)],
    "two of one desk accept at once": [
        REGISTERED,
        _row(2, "HandedOver", "lan", to=HOA, record=RECORD),
        _row(3, "Accepted", "hoa", record=RECORD),
        _row(3, "Accepted", "binh", record=RECORD),
    ],
    "accepted again": [*DONE, _row(4, "Accepted", "tai", record=RECORD)],
    "accepted without an offer": [REGISTERED, _row(2, "Accepted", "tai", record=RECORD)],
    "accepted by somebody else": [*BEGUN, _row(3, "Accepted", "hoa", record=RECORD)],
    "given and taken by one": [*BEGUN, _row(3, "Accepted", "lan", record=RECORD)],
    "accepted on another record": [*BEGUN, _row(3, "Accepted", "tai", record="G222222222")],
    "signed for somebody else": [*BEGUN, _row(3, "SignedOnPaper", "lan", to=HOA, record=RECORD)],
    "offered by somebody else": [REGISTERED, _row(2, "HandedOver", "hoa", to=TAI, record=RECORD)],
    "moved while offered": [*BEGUN, _row(3, "Moved", "lan", to=HOA)],
    "delivered by somebody else": [*DONE, _row(4, "Delivered", "lan")],
    "taken over for somebody else": [REGISTERED, _row(2, "TakenOver", "tai", to=HOA, reason="")],
    "taken over and accepted at once": [*DONE, _row(3, "TakenOver", "hoa", to=HOA, reason="")],
    "after the end": [REGISTERED, _row(2, "Voided", "lan", reason=""), _row(3, "Sealed", "lan", seal="1")],
    "a number missing": [REGISTERED, dataclasses.replace(OFFERED, version=3)],
    "never registered": [dataclasses.replace(OFFERED, version=1)],
    "a run of another postman": [*DONE, _row(4, "TakenOver", "tai", to=NAM, reason="")],
}


def _said_by_product(rows: list[Row]) -> list[products.Violation]:
    facts = [Fact(stream=r.stream, version=r.version, kind=r.kind, data=r.data) for r in rows if r.family == "item"]
    positions = [Fact(stream=r.stream, version=r.version, kind=r.kind, data=r.data) for r in POSITIONS]
    return products.custody_violations(facts, positions=positions)


@pytest.mark.parametrize("story", HONEST)
def test_neither_judge_objects_to_an_honest_story(story: str) -> None:
    assert oracle.judge([*POSITIONS, *HONEST[story]]) == []
    assert _said_by_product(HONEST[story]) == []


@pytest.mark.parametrize("story", DISHONEST)
def test_both_judges_object_to_a_dishonest_one(story: str) -> None:
    assert oracle.judge([*POSITIONS, *DISHONEST[story]])
    assert _said_by_product(DISHONEST[story])


def test_two_holders_are_called_so() -> None:
    for story in ("two accept at once", "two of one desk accept at once", "taken over and accepted at once"):
        assert oracle.two_holders(oracle.judge([*POSITIONS, *DISHONEST[story]])) == {ITEM}
        assert any("two holders" in violation.what for violation in _said_by_product(DISHONEST[story]))


def test_a_line_that_was_signed_for_and_never_taken_is_noticed() -> None:
    signed = Row("handover", RECORD, 2, "RecordAccepted", {"accepted": [ITEM], "by": {"account": "tai"}})
    assert oracle.judge([*POSITIONS, *DONE, signed]) == []
    assert [each.rule for each in oracle.judge([*POSITIONS, *BEGUN, signed])] == ["signed for and never taken"]


def test_of_a_position_that_nobody_ever_took_nothing_is_known() -> None:
    assert oracle.judge(DONE) == []
