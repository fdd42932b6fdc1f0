"""What is stored comes out as it went in, today and after the code has changed."""

import dataclasses
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from enum import Enum

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postal.domain import dossier, item
from postal.domain.events import Event
from postal.store import codec
from postal.store.ledger import EVENT_KINDS, FAMILIES
from tests import cast, chance


def test_every_kind_of_event_can_be_stored() -> None:
    assert set(EVENT_KINDS.values()) - {Event} == set(chance.EVENT_KINDS)


@settings(max_examples=25)
@given(st.data())
@pytest.mark.parametrize("kind", chance.EVENT_KINDS)
def test_an_event_comes_out_as_it_went_in(kind: type[Event], data: st.DataObject) -> None:
    event = data.draw(chance.things(kind))
    assert codec.loads(codec.dumps(event), kind) == event
    assert codec.dumps_all([event, event]) == [codec.dumps(event)] * 2


@settings(max_examples=50)
@given(st.data())
@pytest.mark.parametrize("kind", FAMILIES)
def test_a_state_comes_out_as_it_went_in(kind: type, data: st.DataObject) -> None:
    state = data.draw(chance.things(kind))
    assert codec.loads(codec.dumps(state), kind) == state
    assert codec.loads_all(codec.dumps_all([state, state]), kind) == [state, state]


def test_many_at_once_are_read_as_carefully_as_one() -> None:
    new = codec.dumps(Before(at=cast.monday, name="hai\ndòng\u2028"))
    old = new.replace(',"name"', ',"weight_g":5,"name"').replace('"weight_g":null,', "")
    assert codec.loads_all([new, old, new], Before) == [codec.loads(each, Before) for each in (new, old, new)]
    with pytest.raises(codec.UnknownField):
        codec.loads_all([new, new[:-1] + ',"later":1}'], Before)
    assert codec.loads_all([], Before) == []
    assert codec.dumps_all([]) == []


class Grade(Enum):
    """A grade."""

    LOW = "low"
    HIGH = "high"


@dataclass(frozen=True, kw_only=True)
class Before:
    """How a fact was stored."""

    at: datetime
    grade: Grade = Grade.LOW
    weight_g: int | None = None
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class AfterDefaultsChanged:
    """The same fact in a later version whose defaults differ."""

    at: datetime
    grade: Grade = Grade.HIGH
    weight_g: int | None = 500
    name: str = "không tên"


@dataclass(frozen=True, kw_only=True)
class AfterFieldWasAdded:
    """The same fact in a later version that knows more."""

    at: datetime
    grade: Grade = Grade.LOW
    weight_g: int | None = None
    name: str = ""
    on: date | None = None


def test_a_stored_fact_does_not_change_when_a_default_does() -> None:
    stored = codec.dumps(Before(at=cast.monday))
    later = codec.loads(stored, AfterDefaultsChanged)
    assert (later.grade, later.weight_g, later.name) == (Grade.LOW, None, "")


def test_a_field_that_was_added_later_has_its_default() -> None:
    assert codec.loads(codec.dumps(Before(at=cast.monday)), AfterFieldWasAdded).on is None


def test_what_a_newer_version_wrote_is_refused_and_not_cut_off() -> None:
    stored = codec.dumps(AfterFieldWasAdded(at=cast.monday, on=cast.today))
    with pytest.raises(codec.UnknownField, match="Before has no field 'on'"):
        codec.loads(stored, Before)


def test_an_unknown_field_deep_inside_is_named_with_its_own_class() -> None:
    stored = json.loads(codec.dumps(cast.registered()))
    stored["destination"]["floor"] = 2
    with pytest.raises(codec.UnknownField, match="Destination has no field 'floor'"):
        codec.loads(json.dumps(stored), type(cast.registered()))


def test_every_field_is_written() -> None:
    stored = json.loads(codec.dumps(cast.envelope()))
    assert set(stored) == {field.name for field in dataclasses.fields(item.Item)}
    assert set(json.loads(codec.dumps(cast.case()))) == {field.name for field in dataclasses.fields(dossier.Dossier)}


def test_a_time_keeps_the_instant_whatever_its_zone() -> None:
    vietnam = datetime(2026, 11, 16, 9, 0, tzinfo=timezone(timedelta(hours=7)))
    again = codec.loads(codec.dumps(Before(at=vietnam)), Before)
    assert again.at == cast.monday
    assert again.at.utcoffset() == timedelta(hours=7)
    assert cast.monday.tzinfo is UTC


def test_a_time_that_was_written_with_its_offset_is_still_read() -> None:
    stored = codec.dumps(cast.envelope())
    older = stored.replace('Z"', '+00:00"')
    assert older != stored
    assert codec.loads(older, item.Item) == cast.envelope()


def test_an_unknown_field_is_refused_also_beside_older_times() -> None:
    stored = json.loads(codec.dumps(Before(at=cast.monday)))
    older = json.dumps(stored | {"at": "2026-11-16T02:00:00+00:00", "on": None}, separators=(",", ":"))
    with pytest.raises(codec.UnknownField, match="Before has no field 'on'"):
        codec.loads(older, Before)


def test_vietnamese_is_stored_as_it_is_written() -> None:
    assert "Trung tâm Phục vụ hành chính công" in codec.dumps(cast.registered())


@dataclass(frozen=True)
class Distance:
    """A number that may be none."""

    metres: float


def test_a_number_that_is_none_is_not_stored() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        codec.dumps(Distance(metres=float("nan")))


@dataclass(frozen=True)
class Strange:
    """A field without a JSON form."""

    either: int | str


@dataclass(frozen=True)
class Stranger:
    """Another one."""

    many: frozenset[str]


@pytest.mark.parametrize("value", [Strange(either=1), Stranger(many=frozenset())], ids=["either", "set"])
def test_a_type_without_a_json_form_is_noticed_when_it_is_first_stored(value: object) -> None:
    with pytest.raises(TypeError, match="no JSON form"):
        codec.dumps(value)
