"""A picture proves one thing only: it is bound to the item, the run and the time."""

import pytest

from postal.domain import proofs
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
