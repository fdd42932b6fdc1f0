"""The judge of money: an honest day passes, and each fault that somebody might plant is found."""

from typing import Any

import pytest

from postal.domain import money_oracle
from postal.domain.money_oracle import Judgement
from postal.domain.oracle import Fact

DOSSIER, PAPER, TILL = "7K2M49RTBQ", "BQP6GRMTQR", "till:551000:counter"
COUNTER = {"key": "551000:counter", "side": "post", "place": "551000"}
SECOND = {"key": "551000:counter.2", "side": "post", "place": "551000"}
DESK = {"key": "MC-T48:desk", "side": "authority", "place": "MC-T48"}


def fact(stream: str, version: int, kind: str, account: str = "lan", **data: Any) -> Fact:
    by = {"account": account, "place": "551000"}
    return Fact(stream=stream, version=version, kind=kind, data={"by": by, **data})


def collected(amount: int, *, ledger: str = "fees", receipt: str = "B1", payment: str = "cash") -> Fact:
    data: dict[str, Any] = {
        "ledger": ledger,
        "amount": amount,
        "payment": payment,
        "into": COUNTER["key"],
        "receipt": receipt,
    }
    return fact(DOSSIER, 4, "Collected", **data)


def offered(*, receiver: dict[str, str] = DESK, postage: int = 0, fees: int = 100) -> Fact:
    lines = [[DOSSIER, fees]] if fees else []
    return fact(PAPER, 1, "CashOffered", giver=COUNTER, receiver=receiver, postage=postage, fees=lines)


def accepted(account: str = "hoa") -> Fact:
    return fact(PAPER, 2, "CashAccepted", account)


def remitted(amount: int = 100) -> Fact:
    return fact(DOSSIER, 5, "Remitted", amount=amount, cash=PAPER)


def refunded(amount: int, *, out_of: str = COUNTER["key"]) -> Fact:
    return fact(DOSSIER, 6, "Refunded", ledger="fees", amount=amount, out_of=out_of)


def counted(counted: int, *, expected: int = 100, reason: str = "t") -> Fact:
    sums: dict[str, Any] = {
        "postage_expected": 0,
        "postage_counted": 0,
        "fees_expected": expected,
        "fees_counted": counted,
    }
    return fact(TILL, 1, "TillCounted", **sums, reason=reason)


def judged(*facts: Fact) -> Judgement:
    return money_oracle.judge(facts)


HONEST = {
    "remitted": [collected(100), offered(), accepted(), remitted()],
    "signed on paper": [collected(100), offered(), fact(PAPER, 2, "CashSignedOnPaper"), remitted()],
    "to a colleague": [collected(100), offered(receiver=SECOND), accepted()],
    "taken back": [collected(100), offered(), fact(PAPER, 2, "CashRecalled"), refunded(100)],
    "owed only": [collected(100, payment="later")],
    "by transfer": [collected(100, payment="transfer"), refunded(100, out_of="bank:551000")],
    "short and made good": [collected(100), counted(95), counted(100, expected=95), offered(), accepted(), remitted()],
    "before tills had names": [
        fact(DOSSIER, 4, "Collected", ledger="fees", amount=5, payment="cash"),
        fact(DOSSIER, 5, "Refunded", ledger="fees", amount=5),
    ],
}


@pytest.mark.parametrize("day", HONEST.values(), ids=HONEST)
def test_an_honest_day_is_found_honest_and_even(day: list[Fact]) -> None:
    found = judged(*day)
    assert found.violations == ()
    assert all(sums.is_even for sums in found.sums)


FAULTS = {
    "refund of what was not there": ([collected(100), refunded(101)], "that it did not have"),
    "refund from another's till": ([collected(100), refunded(100, out_of=SECOND["key"])], "that it did not have"),
    "handed on more than there was": ([collected(100), offered(fees=101), accepted(), remitted(101)], "did not have"),
    "the same paper taken twice": ([collected(200), offered(), accepted(), remitted(), accepted()], "moved twice"),
    "taken after it was taken back": (
        [collected(100), offered(), fact(PAPER, 2, "CashRecalled"), accepted()],
        "moved twice",
    ),
    "taken back after it was taken": (
        [collected(100), offered(), accepted(), remitted(), fact(PAPER, 3, "CashRecalled")],
        "after it was signed",
    ),
    "taken and never offered": ([collected(100), accepted()], "nobody offered"),
    "given and taken by one": ([collected(100), offered(), accepted("lan"), remitted()], "gave the money and took it"),
    "remitted twice": ([collected(100), offered(), accepted(), remitted(), remitted()], "remitted twice"),
    "remitted less than signed for": ([collected(100), offered(), accepted(), remitted(90)], "signed for 100"),
    "remitted and never signed for": ([collected(100), remitted()], "signed for 0"),
    "signed for and never noted": ([collected(100), offered(), accepted()], "does not say so"),
    "postage given to an authority": (
        [collected(100, ledger="postage"), offered(postage=100, fees=0)],
        "postage was handed to an authority",
    ),
    "one receipt for two payments": ([collected(100), collected(100)], "written twice"),
    "a difference nobody explains": ([collected(100), counted(95, reason="")], "nobody says why"),
}


@pytest.mark.parametrize(("day", "what"), FAULTS.values(), ids=FAULTS)
def test_a_planted_fault_is_found(day: list[Fact], what: str) -> None:
    assert any(what in violation.what for violation in judged(*day).violations)


def test_the_judge_says_what_lies_where() -> None:
    found = judged(collected(100), collected(30, ledger="postage", receipt="B2"), offered(fees=60), accepted())
    assert found.held == {(TILL, "fees"): 40, (TILL, "postage"): 30}
    assert [(sums.collected, sums.remitted, sums.held) for sums in found.sums] == [(30, 0, 30), (100, 60, 40)]
