"""What happened, for people: every event has its sentence; late records say so; citizens see organisation and day."""

import dataclasses
import enum
import random
import types
import typing
from datetime import UTC, date, datetime
from typing import Any

import pytest

from postal.domain import codes, events
from postal.domain.events import Event
from postal.domain.item import Item
from postal.domain.people import Author, Custodian
from postal.queries import timeline
from postal.services import custody
from postal.store import Store
from tests import cast, databases
from tests.web.way import Way

KINDS = sorted({getattr(events, kind.__name__) for kind in Event.__subclasses__()}, key=lambda kind: kind.__name__)


def example(kind: Any) -> Any:
    """Return an event with something in every field."""
    hints = typing.get_type_hints(kind)
    return kind(**{field.name: _value(hints[field.name]) for field in dataclasses.fields(kind)})


def _value(hint: Any) -> Any:
    if typing.get_origin(hint) in (types.UnionType, typing.Union):
        return _value(next(each for each in typing.get_args(hint) if each is not type(None)))
    if typing.get_origin(hint) is tuple:
        inner = [each for each in typing.get_args(hint) if each is not Ellipsis]
        return tuple(_value(each) for each in inner)
    if hint is Custodian:
        return cast.counter
    if hint is Author:
        return cast.lan.as_author()
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return next(iter(hint))
    if dataclasses.is_dataclass(hint):
        return example(hint)
    return {str: "P3FHJ8QXV9", int: 3, float: 1.0, bool: True, date: cast.today, datetime: cast.monday}[hint]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_event_has_one_vietnamese_sentence(kind: type[Event]) -> None:
    said = timeline.sentence(example(kind))
    assert said[0].isupper()
    assert said.endswith(".")
    assert "None" not in said
    assert "Enum" not in said
    assert "{" not in said


@pytest.mark.parametrize(
    ("table", "kind"),
    [
        (timeline.KINDS, events.ItemKind),
        (timeline.DECLINES, events.DeclineReason),
        (timeline.ATTEMPTS, events.AttemptReason),
        (timeline.RECEIVERS, events.Receiver),
        (timeline.EVIDENCES, events.Evidence),
        (timeline.SERVICES, events.Service),
        (timeline.MODES, events.ReceptionMode),
        (timeline.RETURN_WAYS, events.ReturnWay),
        (timeline.LEDGERS, events.MoneyLedger),
        (timeline.PAYMENTS, events.Payment),
    ],
)
def test_every_value_has_its_word(table: dict[Any, str], kind: type[enum.Enum]) -> None:
    assert set(table) == set(kind)


def test_what_was_signed_on_paper_says_when_it_was_written_down(seeded: Store) -> None:
    way = Way(seeded).register().to_transport()
    below = random.Random(4).randrange
    record = custody.offer(seeded, [way.item], to=cast.commune_desk, by=cast.tai, at=way.later(), below=below)
    signed_at, entered_at = way.later(), way.later(days=1)
    custody.sign_on_paper(
        seeded, record.code, signed_at=signed_at, signer="Cán bộ Một cửa", photo=b"x", by=cast.tai, at=entered_at
    )
    with seeded.read() as reader:
        line = timeline.lines(reader, [way.item])[-1]
    assert (line.occurred_at, line.recorded_at) == (signed_at, entered_at)
    assert line.sentence.startswith("Quầy tiếp nhận – Trung tâm Phục vụ hành chính công phường Hải Châu đã nhận")
    assert codes.shown(record.code) in line.sentence


@databases.ON_SQLITE
def test_texts_are_opened_only_for_whoever_may_read_them(seeded: Store) -> None:
    way = Way(seeded).register().asked()
    with seeded.read() as reader:
        closed = timeline.lines(reader, [way.code, way.item])
        opened = timeline.lines(reader, [way.code, way.item], sees_texts=True)
    assert [line.detail for line in closed if line.detail] == []
    assert [line.detail for line in opened if line.detail] == ["Giấykhám sức khỏe – vì Lýdobổsung hết hạn; Ảnh 3×4"]
    assert [line.sentence for line in closed] == [line.sentence for line in opened]


@databases.ON_SQLITE
def test_lines_stand_in_the_order_in_which_things_happened(seeded: Store) -> None:
    way = Way(seeded).register().delivered()
    with seeded.read() as reader:
        lines = timeline.lines(reader, [way.code, way.item, way.result])
    assert [line.occurred_at for line in lines] == sorted(line.occurred_at for line in lines)
    assert lines[0].sentence.startswith("Mở hồ sơ")
    assert all(line.recorded_at is None for line in lines)
    assert {line.where for line in lines} == {cast.UNIT_NAMES[cast.OFFICE], cast.UNIT_NAMES[cast.COMMUNE_DESK]}


@databases.ON_SQLITE
def test_citizens_see_an_organisation_once_for_each_stay(seeded: Store) -> None:
    way = Way(seeded).register().delivered()
    with seeded.read(at=datetime(2026, 11, 20, tzinfo=UTC)) as reader:
        stays = timeline.stays(reader, way.code, [reader.many(Item, [way.item])[way.item]])
    assert [stay.organisation for stay in stays] == [
        cast.UNIT_NAMES[cast.OFFICE],
        cast.UNIT_NAMES[cast.COMMUNE_DESK],
    ]
    assert stays[0].on == cast.today
