"""A dossier closes when nothing is open: no envelope, no original, no đồng."""

from typing import Any

import pytest

from postal.domain import closing, events
from postal.domain.closing import StillOpen
from postal.domain.dossier import Dossier
from postal.domain.events import Event, MoneyLedger, Payment, Service, Settlement
from postal.domain.item import Item
from postal.domain.lifecycle import NotNow
from tests import cast

WHO: dict[str, Any] = {"by": cast.hoa.as_author(), "occurred_at": cast.after(days=1)}

refused = events.ReceptionRefused(reason="t1", **WHO)
resolved = events.Resolved(**WHO)
returned = events.ResultReturned(**WHO)
settled = events.OriginalsSettled(source=f"{cast.ITEM}/1", count=1, how=Settlement.HANDED_AT_DESK, reason="t1", **WHO)


def at_the_authority(*happened: Event) -> Item:
    """Return the papers at the department, behind the desk they were meant for."""
    found = cast.envelope(events.TakenOver(to=cast.department, reason="t1", **WHO))
    for event in happened:
        found = found.evolve(event)
    return found


def delivered(found: Item) -> Item:
    event = events.Delivered(
        receiver=events.Receiver.ADDRESSEE, identity_checked=True, authorisation_shown=False, proof="f1", **WHO
    )
    return found.evolve(event)


def close(case: Dossier, *items: Item) -> Dossier:
    return case.evolve(closing.close(case, items, by=cast.hoa, at=cast.after(days=2)))


def test_a_dossier_closes_when_nothing_is_open() -> None:
    case = cast.case(resolved, returned, settled)
    assert closing.open_points(case, [at_the_authority(), delivered(cast.result())]) == ()
    assert close(case, at_the_authority(), delivered(cast.result())).closed_at == cast.after(days=2)


def test_an_original_that_is_owed_keeps_it_open() -> None:
    with pytest.raises(StillOpen, match="1 bản chính chưa trả người dân"):
        close(cast.case(refused), at_the_authority())
    assert close(cast.case(refused, settled), at_the_authority()).closed_at is not None


def test_an_envelope_on_the_way_keeps_it_open() -> None:
    with pytest.raises(StillOpen, match="1 bưu gửi còn trên đường"):
        close(cast.case(refused, settled), cast.envelope())


def test_an_envelope_that_is_missing_keeps_it_open_wherever_it_should_be() -> None:
    lost = at_the_authority(events.ReportedMissing(**WHO))
    with pytest.raises(StillOpen, match="1 bưu gửi"):
        close(cast.case(refused, settled), lost)


def test_a_result_at_the_desk_waits_for_its_citizen_but_one_that_came_back_does_not() -> None:
    case = cast.case(resolved, settled)
    waits = cast.result()
    assert "1 bưu gửi còn trên đường" in closing.open_points(case, [at_the_authority(), waits])
    came_back = waits.evolve(
        events.DeclaredUndeliverable(ground=events.Ground.MOVED, destination=cast.to_the_desk, **WHO)
    )
    assert closing.open_points(case, [at_the_authority(), came_back]) == ()


def test_a_result_that_nobody_registered_yet_keeps_it_open_unless_the_post_only_sends() -> None:
    assert closing.open_points(cast.case(resolved, settled), [at_the_authority()]) == ("kết quả chưa trả",)
    only_sent = cast.case(resolved, settled, service=Service.SEND)
    assert closing.open_points(only_sent, [at_the_authority()]) == ()


def test_every_open_dong_keeps_it_open() -> None:
    def took(ledger: MoneyLedger, amount: int, payment: Payment = Payment.CASH) -> Event:
        return events.Collected(ledger=ledger, amount=amount, payment=payment, basis="b", into="t", **WHO)

    owes = cast.case(refused, settled, took(MoneyLedger.POSTAGE, 30_000, Payment.LATER))
    assert closing.open_points(owes, [at_the_authority()]) == ("30.000 đ cước chưa thu",)
    holds = cast.case(refused, settled, took(MoneyLedger.FEES, 1_200_000))
    assert closing.open_points(holds, [at_the_authority()]) == ("1.200.000 đ phí, lệ phí chưa nộp cơ quan",)
    passed_on = holds.evolve(events.Remitted(amount=1_200_000, cash="B222222222", **WHO))
    assert closing.is_done(passed_on, [at_the_authority()])


def test_every_open_thing_is_named_in_one_sentence() -> None:
    with pytest.raises(StillOpen, match="1 bưu gửi còn trên đường; 1 bản chính chưa trả người dân"):
        close(cast.case(refused), cast.envelope())


def test_nobody_closes_what_the_authority_still_works_on() -> None:
    with pytest.raises(NotNow, match="Mới đăng ký"):
        close(cast.case(settled), at_the_authority())
    assert not closing.is_done(cast.case(settled), [at_the_authority()])


def test_nobody_closes_twice() -> None:
    closed = close(cast.case(refused, settled), at_the_authority())
    assert not closing.is_done(closed, [at_the_authority()])
    with pytest.raises(NotNow, match="đã đóng"):
        close(closed, at_the_authority())


def test_nothing_new_is_owed_in_a_closed_dossier() -> None:
    closed = close(cast.case(refused, settled), at_the_authority())
    what: dict[str, Any] = {"amount": 50_000, "basis": "Lệ phí", "by": cast.hoa, "at": cast.after(days=3)}
    with pytest.raises(NotNow, match="đã đóng"):
        closed.charge(ledger=MoneyLedger.FEES, payee=cast.DESK, **what)
    with pytest.raises(NotNow, match="đã đóng"):
        closed.collect(ledger=MoneyLedger.POSTAGE, payment=Payment.LATER, **what)
