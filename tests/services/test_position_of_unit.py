"""A position stays with the people of its unit."""

import pytest

from postal.domain.shift import NotOfThisUnit
from postal.services import shift
from postal.store import Store
from tests import cast


def test_a_position_does_not_pass_to_somebody_of_another_unit(store: Store) -> None:
    shift.take_free_positions(store, entitled=(cast.counter.key,), by=cast.lan, at=cast.monday)
    with pytest.raises(NotOfThisUnit):
        shift.pass_position(store, cast.counter.key, to=cast.sen, counted=0, by=cast.lan, at=cast.after(hours=1))
    holding = shift.pass_position(store, cast.counter.key, to=cast.minh, counted=0, by=cast.lan, at=cast.after(hours=1))
    assert holding.holder == cast.minh.account
