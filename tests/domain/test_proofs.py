"""A picture proves one thing only: it is bound to the item, the run and the time."""

import pytest

from postal.domain import proofs
from postal.domain.proofs import Spot
from tests import cast

SIGNATURE = b"\x89PNG a signature"


def bound(**other: object) -> str:
    facts: dict[str, object] = {"item": cast.ITEM, "run": cast.RUN, "at": cast.monday, "content": SIGNATURE}
    return proofs.binding(**(facts | other))  # type: ignore[arg-type]  # the table of facts is mixed on purpose


def test_the_same_facts_always_give_the_same_hash() -> None:
    assert bound() == bound()
    assert len(bound()) == 64


@pytest.mark.parametrize(
    "other",
    [{"item": "P7K2M49RTB"}, {"run": ""}, {"at": cast.after(minutes=1)}, {"content": SIGNATURE + b"."}],
    ids=lambda other: next(iter(other)),
)
def test_a_picture_taken_for_one_thing_does_not_prove_another(other: dict[str, object]) -> None:
    assert bound(**other) != bound()


def test_a_place_is_kept_as_it_was_told() -> None:
    here = proofs.spot(16.067781, -108.220833, 12.2)
    assert here == Spot(lat=16.067781, lon=-108.220833, accuracy_m=13)
    assert proofs.read(proofs.written(here)) == here


@pytest.mark.parametrize("told", [(91.0, 108.0, 5.0), (16.0, 181.0, 5.0), (float("nan"), 1.0, 5.0), (16.0, 1.0, -1.0)])
def test_what_is_no_place_on_earth_is_none(told: tuple[float, float, float]) -> None:
    assert proofs.spot(*told) is None


@pytest.mark.parametrize("text", ["", "erased", "16.0 108.0 ±12", "16.067780 108.220830"])
def test_a_text_that_is_no_place_is_none(text: str) -> None:
    assert proofs.read(text) is None


@pytest.mark.parametrize(("accuracy", "is_sure"), [(0, True), (100, True), (101, False)])
def test_a_phone_that_is_sure_within_a_hundred_metres_knows_the_door(accuracy: int, *, is_sure: bool) -> None:
    assert Spot(lat=16.0, lon=108.0, accuracy_m=accuracy).is_sure is is_sure
