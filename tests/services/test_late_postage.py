"""Postage goes back where the post was late by its own journal: found, explained, paid once, on both databases."""

from datetime import date
from typing import Any

import pytest

from postal.domain import late_post
from postal.domain.dossier import WrongAmount
from postal.domain.events import MoneyLedger, Refunded
from postal.domain.late_post import LateLeg, LegKind
from postal.domain.money import RefundGround
from postal.domain.people import Role, person_custodian
from postal.queries import refunds
from postal.queries.refunds import RefundsPage
from postal.services import money, verification
from postal.services.money import Payback
from postal.store import Store, legs
from tests import cast
from tests.cast import monday
from tests.web import way as ways
from tests.web.way import Way

POSTAGE = MoneyLedger.POSTAGE
LATE = Payback(account=POSTAGE, amount=30_000, ground=RefundGround.LATE)


def late(store: Store, way: Way) -> tuple[LateLeg, ...]:
    with store.read() as reader:
        return legs.late_of(reader, [way.dossier()], at=way.at).get(way.code, ())


def owed(store: Store, way: Way, **who: Any) -> RefundsPage:
    return refunds.refunds_page(store, actor=who.get("actor", ways.lan), at=who.get("at", way.at))


def brought_late(store: Store, *, days: int = 3, seed: int = 11) -> Way:
    """Let the papers lie with the driver for some days before the desk signs."""
    way = Way(store, seed=seed).register().to_transport()
    way.later(days=days)
    way._pass(way.item, giver=cast.tai, receiver=cast.xuan, to=cast.commune_desk)
    return way


def test_papers_that_came_in_time_owe_nothing_back(seeded: Store) -> None:
    way = Way(seeded).register()
    assert way.dossier().expected_at_desk_on == date(2026, 11, 17)
    way.to_desk()
    assert late(seeded, way) == ()
    assert owed(seeded, way).rows == ()
    with pytest.raises(late_post.NotLate):
        money.refund(seeded, way.code, LATE, by=ways.lan, at=way.at)


def test_papers_on_their_last_day_are_in_time_and_a_day_later_they_are_late(seeded: Store) -> None:
    on_time, too_late = brought_late(seeded, days=1, seed=1), brought_late(seeded, days=2, seed=2)
    assert late(seeded, on_time) == ()
    (leg,) = late(seeded, too_late)
    assert (leg.kind, leg.due_on, leg.ended_on, leg.days) == (
        LegKind.OUT,
        date(2026, 11, 17),
        date(2026, 11, 18),
        1,
    )


def test_days_off_of_the_post_do_not_count(seeded: Store) -> None:
    way = brought_late(seeded, days=8)
    (leg,) = late(seeded, way)
    assert (leg.ended_on, leg.days) == (date(2026, 11, 24), 4), "neither the weekend nor 24 November"


def test_what_is_late_says_why_step_by_step_with_its_basis(seeded: Store) -> None:
    way = brought_late(seeded)
    (leg,) = late(seeded, way)
    told = [step.text for step in leg.steps]
    assert "J là ngày ghi trên Phiếu gửi: thứ Hai, 16/11/2026." in told[0]
    assert told[-1].startswith("Cơ quan ký nhận thứ Năm, 19/11/2026: chậm 2 ngày làm việc.")
    assert leg.steps[-1].basis == "NĐ 47/2011/NĐ-CP Đ.25.2"
    assert leg.claim_until == date(2027, 5, 17)


def test_papers_that_have_not_come_yet_are_late_the_day_after_their_last(seeded: Store) -> None:
    way = Way(seeded).register().to_transport()
    way.later(days=1)
    assert late(seeded, way) == ()
    way.later(days=1)
    (leg,) = late(seeded, way)
    assert (leg.ended_on, leg.days) == (None, 1)
    assert "chưa đến nơi" in leg.steps[-1].text


def test_a_result_is_in_time_when_it_was_tried_or_announced_in_time(seeded: Store) -> None:
    way = Way(seeded).register().for_pickup()
    assert late(seeded, way) == ()
    way.later(days=20)
    assert late(seeded, way) == (), "what waits for the citizen is not late"


def test_a_result_that_lay_too_long_before_anybody_was_told_is_late(seeded: Store) -> None:
    way = Way(seeded).register().at_office()
    taken = way.at.date()
    way.later(days=9)
    to = person_custodian(ways.buuta.account, place=cast.OFFICE, name=ways.buuta.name)
    way._pass(way.result, giver=cast.hung, receiver=ways.buuta, to=to)
    way._record_attempt()
    (leg,) = late(seeded, way)
    assert leg.kind is LegKind.BACK
    assert leg.due_on == cast.post_calendar.add_working_days(taken, 2)
    assert leg.ended_on == way.at.date()


def test_late_postage_goes_back_once_with_its_basis_and_every_sum_still_fits(seeded: Store) -> None:
    way = brought_late(seeded)
    page = owed(seeded, way)
    assert [(row.code, row.late.amount, row.late.days) for row in page.rows] == [(way.code, 30_000, 2)]
    assert page.total == 30_000
    money.refund(seeded, way.code, LATE, by=ways.lan, at=way.later())
    with pytest.raises(late_post.LateRefunded):
        money.refund(seeded, way.code, LATE, by=ways.lan, at=way.later())
    with seeded.read() as reader:
        (event,) = [e for *_, e in reader.events([way.code]) if isinstance(e, Refunded)]
        assert (event.amount, event.ground) == (30_000, "late")
        assert "NĐ 47/2011 Đ.25.2" in reader.texts.get([event.reason])[event.reason]
        found = refunds.of_dossier(reader, way.dossier(), at=way.at)
    assert found is not None
    assert (found.is_owed, found.amount, found.refunded_on) == (False, 0, way.at.date())
    assert owed(seeded, way).rows == ()
    assert verification.verify(seeded).is_sound


def test_late_postage_goes_back_whole_for_a_part_of_it_would_count_as_the_one_time(seeded: Store) -> None:
    way = brought_late(seeded)
    part = Payback(account=POSTAGE, amount=10_000, ground=RefundGround.LATE)
    with pytest.raises(
        late_post.PartOfPostage, match=r"toàn bộ cước còn lại của hồ sơ .*: 30\.000 đ, không hoàn 10\.000 đ"
    ):
        money.refund(seeded, way.code, part, by=ways.lan, at=way.at)
    assert way.dossier().postage.refunded == 0
    too_much = Payback(account=POSTAGE, amount=10_000, ground=RefundGround.TOO_MUCH)
    money.refund(seeded, way.code, too_much, by=ways.lan, at=way.later())
    rest = Payback(account=POSTAGE, amount=20_000, ground=RefundGround.LATE)
    money.refund(seeded, way.code, rest, by=ways.lan, at=way.later())
    assert way.dossier().postage.refunded == 30_000
    assert verification.verify(seeded).is_sound


def test_the_same_form_sent_twice_refunds_once(seeded: Store) -> None:
    way = brought_late(seeded)
    form = Payback(account=POSTAGE, amount=30_000, ground=RefundGround.LATE, request="r1")
    for _ in range(2):
        money.refund(seeded, way.code, form, by=ways.lan, at=way.at)
    assert way.dossier().postage.refunded == 30_000


def test_only_postage_goes_back_for_lateness_and_never_more_than_came_in(seeded: Store) -> None:
    way = brought_late(seeded)
    with pytest.raises(late_post.OnlyPostage):
        fees = Payback(account=MoneyLedger.FEES, amount=15_000, ground=RefundGround.LATE)
        money.refund(seeded, way.code, fees, by=ways.lan, at=way.at)
    with pytest.raises(WrongAmount):
        more = Payback(account=POSTAGE, amount=30_001, ground=RefundGround.LATE)
        money.refund(seeded, way.code, more, by=ways.lan, at=way.at)
    assert way.dossier().postage.refunded == 0


def test_an_office_owes_what_it_took_and_only_as_long_as_somebody_may_complain(seeded: Store) -> None:
    first, second = brought_late(seeded, days=2, seed=1), brought_late(seeded, days=4, seed=2)
    page = owed(seeded, second)
    assert [row.code for row in page.rows] == [second.code, first.code], "the latest first"
    elsewhere = cast.actor("sen", "Sen", cast.small_counter, place=cast.SMALL_OFFICE, roles={Role.COUNTER_CLERK})
    assert owed(seeded, second, actor=elsewhere).rows == ()
    last = cast.after(days=182)
    assert len(owed(seeded, second, at=last).rows) == 2
    assert owed(seeded, second, at=cast.after(days=183)).rows == ()


def test_a_registration_that_was_taken_back_owes_nothing(seeded: Store) -> None:
    way = Way(seeded).register()
    way.voided()
    way.at = monday.replace(day=30)
    assert late(seeded, way) == ()
