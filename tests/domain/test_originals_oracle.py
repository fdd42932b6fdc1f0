"""The judge of originals: what came in comes back once; who is closed owes nothing. Each test plants one fault."""

from typing import Any

from postal.domain import originals_oracle
from postal.domain.oracle import Fact
from postal.domain.originals_oracle import Judgement

OUT, BACK, CASE = "P1", "P2", "7D"


def paper(*, originals: int = 1, to_return: bool = True, source: str = "", line: int = 1) -> dict[str, Any]:
    return {"line": line, "originals": originals, "to_return": to_return, "source": source}


def registered(code: str, *papers: dict[str, Any], kind: str = "outbound") -> Fact:
    data = {"kind": kind, "dossier": CASE, "papers": list(papers)}
    return Fact(stream=code, version=1, kind="Registered", data=data)


def ended(code: str, *, kind: str = "Delivered") -> Fact:
    return Fact(stream=code, version=9, kind=kind, data={})


def settled(count: int, *, source: str = "P1/1") -> Fact:
    return Fact(stream=CASE, version=5, kind="OriginalsSettled", data={"source": source, "count": count})


def closed() -> Fact:
    return Fact(stream=CASE, version=6, kind="DossierClosed", data={})


def judged(*facts: Fact) -> Judgement:
    return originals_oracle.judge(facts)


HOME = registered(BACK, paper(source="P1/1"), kind="returned")


def test_an_original_that_the_citizen_signed_for_is_no_longer_owed() -> None:
    found = judged(registered(OUT, paper()), HOME, ended(BACK), closed())
    assert (found.came, found.back, found.owed, found.violations) == (1, 1, 0, ())


def test_an_original_on_its_way_home_is_still_owed() -> None:
    assert judged(registered(OUT, paper()), HOME).owed == 1


def test_copies_and_originals_that_stay_are_never_owed() -> None:
    assert judged(registered(OUT, paper(originals=0), paper(to_return=False, line=2))).came == 0


def test_an_envelope_taken_back_at_the_counter_owes_nothing() -> None:
    found = judged(registered(OUT, paper()), ended(OUT, kind="Voided"))
    assert (found.came, found.owed) == (0, 0)


def test_an_envelope_that_turned_round_brings_its_own_originals_back() -> None:
    found = judged(registered(OUT, paper(originals=2)), ended(OUT))
    assert (found.back, found.owed, found.violations) == (2, 0, ())


def test_what_is_settled_with_a_reason_is_not_owed() -> None:
    found = judged(registered(OUT, paper(originals=2)), settled(2), closed())
    assert (found.settled, found.owed, found.violations) == (2, 0, ())


def test_a_dossier_that_is_closed_while_it_owes_an_original_is_named() -> None:
    (broken,) = judged(registered(OUT, paper()), closed()).violations
    assert broken.stream == CASE
    assert "P1/1 owes 1" in broken.what


def test_more_going_back_than_came_in_is_named() -> None:
    twice = registered("P3", paper(source="P1/1"), kind="result")
    (broken,) = judged(registered(OUT, paper()), HOME, ended(BACK), twice, ended("P3")).violations
    assert "1 originals more" in broken.what


def test_an_original_that_never_came_in_cannot_go_back() -> None:
    stray = registered(BACK, paper(source="P1/7"), kind="returned")
    (broken,) = judged(registered(OUT, paper()), stray, ended(BACK)).violations
    assert broken.what == "P1/7: an original went back that never came in"
