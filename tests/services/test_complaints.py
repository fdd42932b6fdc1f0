"""Complaints as people make them: taken, due by law, answered, in the clocks and the late list; on both databases."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from postal.domain.clocks import Step
from postal.domain.complaint import ComplaintTooLate
from postal.domain.events import ComplaintTopic, Outcome
from postal.domain.incident import Incident, IncidentState
from postal.domain.people import Actor, Role
from postal.domain.permissions import Forbidden
from postal.domain.spans import RULES, ClockKind
from postal.queries import complaints as complaint_queries
from postal.queries import late, spans, tracking
from postal.queries.late import LateRow
from postal.queries.spans import ClockView
from postal.queries.tracking import Level, Tracked
from postal.services import complaints, incidents
from postal.services.complaints import NoComplaint
from postal.services.incidents import AlreadyOpen, NoAmount, OtherOutcome
from postal.store import Store
from postal.store import complaints as measured
from postal.store.tables import SecretTextRow, table_of
from tests import cast
from tests.services.test_late_postage import brought_late
from tests.web import way as ways
from tests.web.way import Way

WORDS = "Khách báo giấy tờ đến trễ, yêu cầu hoàn cước."
TAKEN_AT = cast.after(days=3)
"""Thursday, 19/11/2026; Tuesday the 24th is a day off."""

chief = cast.actor("truong", "Trưởng", place=cast.OFFICE, roles={Role.CONTROLLER})
coordinator = cast.actor("dung", "Dung", place=cast.OFFICE, roles={Role.COORDINATOR})


def complain(store: Store, about: str, **more: Any) -> Incident:
    fields: dict[str, Any] = {
        "topic": ComplaintTopic.LATE, "note": WORDS, "by": ways.lan, "at": TAKEN_AT, "below": cast.below(9), **more,
    }  # fmt: skip
    return complaints.open_complaint(store, about, **fields)


def end(store: Store, record: Incident, outcome: Outcome, *, at: datetime, amount: int | None = None) -> Incident:
    return incidents.settle(
        store, record.code, outcome=outcome, note="Đã gọi khách lúc 9 giờ.", amount=amount, by=chief, at=at
    )


def clock_of(store: Store, way: Way, *, at: datetime) -> ClockView | None:
    with store.read(at=at) as reader:
        found = spans.of_dossier(reader, way.dossier(), reader.items_of(way.code), at=at)
    return next((view for view in found.views if view.name == RULES[ClockKind.COMPLAINT_ANSWER].name), None)


def told(store: Store, way: Way, *, at: datetime) -> Tracked:
    found = tracking.by_secret(store, way.secret, at=at)
    assert found is not None
    assert found.level is Level.QR
    return found


def rows(store: Store, code: str, *, by: Actor = coordinator, at: datetime) -> list[LateRow]:
    page = late.late_page(store, actor=by, at=at)
    return [row for group in page.groups for row in group.rows if row.href == f"/incidents/{code}"]


# --- taking -----------------------------------------------------------------------------------------------------------


def test_the_office_that_took_the_dossier_in_answers_within_five_working_days(seeded: Store) -> None:
    way = brought_late(seeded)
    record = complain(seeded, way.code)
    assert (record.owner, record.other, record.about) == (cast.OFFICE, "", way.code)
    assert record.due_at.date() == date(2026, 11, 27)
    assert record.topic is ComplaintTopic.LATE


def test_whoever_took_it_elsewhere_is_the_other_side(seeded: Store) -> None:
    record = complain(seeded, brought_late(seeded).item, by=cast.sen)
    assert (record.owner, record.other) == (cast.OFFICE, cast.SMALL_OFFICE)


def test_what_the_citizen_said_is_sealed_with_the_dossier_and_stands_in_no_event(seeded: Store) -> None:
    way = brought_late(seeded)
    record = complain(seeded, way.code)
    answered = incidents.answer(seeded, record.code, note="Đã xem nhật ký chuyến.", by=ways.lan, at=TAKEN_AT)
    with seeded.read() as reader:
        assert reader.texts.get([record.note])[record.note] == WORDS
        texts = table_of(SecretTextRow)
        kept = reader.rows(select(texts.c.dossier).where(texts.c.id.in_([record.note, *answered.answers])))
        assert [row.dossier for row in kept] == [way.code, way.code], "erased with the dossier"
        stored = repr(reader.events([record.code]))
    assert "hoàn cước" not in stored
    assert "nhật ký" not in stored
    assert answered.is_open, "a note between staff is no answer to the citizen"


def test_six_months_after_the_time_to_carry_a_complaint_is_refused_by_name(seeded: Store) -> None:
    way = brought_late(seeded)
    with seeded.read() as reader:
        dossier, items = measured.concerned(reader, way.code)
        assert measured.carriage(reader, dossier, items).due_on == date(2026, 11, 17)
    last = datetime.fromisoformat("2027-05-17T16:00:00+07:00")
    with pytest.raises(ComplaintTooLate, match="17/05/2027"):
        complain(seeded, way.code, at=last + timedelta(days=1))
    assert complain(seeded, way.item, at=last).is_open


def test_papers_still_on_their_way_are_measured_by_their_lane_also_before_it_ends(seeded: Store) -> None:
    way = Way(seeded).register().to_transport()
    with seeded.read() as reader:
        dossier, items = measured.concerned(reader, way.item)
        carriage = measured.carriage(reader, dossier, items)
    assert carriage.due_on == date(2026, 11, 17)
    assert not carriage.is_across


def test_one_thing_has_one_open_complaint_of_a_topic_and_a_repeated_request_is_the_same_one(seeded: Store) -> None:
    way = brought_late(seeded)
    first = complain(seeded, way.code, request="a" * 32)
    assert complain(seeded, way.code, request="a" * 32).code == first.code
    with pytest.raises(AlreadyOpen):
        complain(seeded, way.code, by=cast.sen, below=cast.below(10))
    assert complain(seeded, way.code, topic=ComplaintTopic.STAFF, below=cast.below(11)).code != first.code


def test_a_complaint_has_words_and_is_taken_by_the_counter_or_the_coordinator(seeded: Store) -> None:
    way = brought_late(seeded)
    with pytest.raises(NoComplaint):
        complain(seeded, way.code, note="  ")
    for nobody in (cast.xuan, cast.tai):
        with pytest.raises(Forbidden):
            complain(seeded, way.code, by=nobody)
    assert complain(seeded, way.code, by=coordinator).is_open


# --- answering --------------------------------------------------------------------------------------------------------


def test_a_complaint_ends_with_one_of_its_own_answers(seeded: Store) -> None:
    record = complain(seeded, brought_late(seeded).code)
    with pytest.raises(OtherOutcome, match="Khiếu nại của khách hàng"):
        end(seeded, record, Outcome.RELABELLED, at=TAKEN_AT)
    with pytest.raises(NoAmount):
        end(seeded, record, Outcome.COMPENSATED, at=TAKEN_AT)
    ended = end(seeded, record, Outcome.POSTAGE_BACK, at=TAKEN_AT)
    assert (ended.state, ended.outcome) == (IncidentState.SETTLED, Outcome.POSTAGE_BACK)


# --- the clock, the late list, the citizen ----------------------------------------------------------------------------


def test_its_clock_runs_from_the_complaint_to_the_answer_with_every_step(seeded: Store) -> None:
    way = brought_late(seeded)
    assert clock_of(seeded, way, at=TAKEN_AT) is None
    record = complain(seeded, way.code)
    view = clock_of(seeded, way, at=TAKEN_AT + timedelta(days=1))
    assert view is not None
    assert view.due_at == record.due_at
    assert (view.about, view.ended_at, view.is_late) == (record.code, None, False)
    assert view.steps[0] == Step(
        text="Nhận khiếu nại thứ Năm, 19/11/2026, trong tỉnh: 5 ngày làm việc.", basis="TT 17/2017/TT-BTTTT Đ.8"
    )
    answered = TAKEN_AT + timedelta(days=20)
    end(seeded, record, Outcome.REJECTED, at=answered)
    after = clock_of(seeded, way, at=answered)
    assert after is not None
    assert (after.ended_at, after.is_late) == (answered, True)


def test_the_day_that_was_given_stays_and_is_said_where_it_is_derived_otherwise_now(seeded: Store) -> None:
    way = brought_late(seeded)
    record = complain(seeded, way.code)
    with seeded.read() as reader:
        dossier, items = measured.concerned(reader, way.code)
        moved = replace(record, due_at=cast.after(days=8))
        due = complaint_queries.due_of(reader, dossier, items, moved)
    assert due.due_at == cast.after(days=8)
    assert "Ngày đã báo khi nhận khiếu nại: thứ Ba, 24/11/2026" in due.steps[-1].text


def test_it_is_at_risk_on_its_last_days_then_late_until_somebody_answers(seeded: Store) -> None:
    record = complain(seeded, brought_late(seeded).code)
    assert rows(seeded, record.code, at=TAKEN_AT) == []
    (near,) = rows(seeded, record.code, at=record.due_at + timedelta(hours=2))
    assert (near.days, near.is_at_risk, near.stage) == (0, True, "Trả lời khiếu nại"), (
        "the last day lasts until midnight"
    )
    (row,) = rows(seeded, record.code, at=record.due_at + timedelta(days=4))
    assert (row.days, row.due_on, row.holder) == (2, date(2026, 11, 27), cast.UNIT_NAMES[cast.OFFICE])
    assert rows(seeded, record.code, by=cast.xuan, at=record.due_at + timedelta(days=4)) == []


def test_the_citizen_is_told_by_when_and_when_it_passed_until_the_answer(seeded: Store) -> None:
    way = brought_late(seeded)
    assert told(seeded, way, at=TAKEN_AT).complaint is None
    record = complain(seeded, way.item)
    due = told(seeded, way, at=TAKEN_AT).complaint
    assert due is not None
    assert (due.on, due.is_past) == (date(2026, 11, 27), False)
    past = told(seeded, way, at=record.due_at + timedelta(days=1)).complaint
    assert past is not None
    assert past.is_past
    ends = record.due_at + timedelta(days=1)
    end(seeded, record, Outcome.EXPLAINED, at=ends)
    assert told(seeded, way, at=ends).complaint is None
