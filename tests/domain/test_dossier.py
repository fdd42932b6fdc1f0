"""The case: the agency's axis, its clock, its money."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from postal.domain import dossier, events
from postal.domain.clocks import Limit, PausePolicy, Unit
from postal.domain.dossier import AGENCY_STATUS_NAMES, LIFECYCLE, AgencyStatus, Dossier
from postal.domain.events import Event, MoneyLedger, Payment, ReturnWay
from postal.domain.lifecycle import NotNow
from tests import cast, chance
from tests.cast import hoa, lan, monday

BY = hoa.as_author()
REACHED = [status for status in AgencyStatus if status is not AgencyStatus.TURNED_BACK]


def in_status(status: AgencyStatus) -> Dossier:
    """Return a case in a status, however it got there."""
    return replace(cast.case(), status=status)


def received(*, at: datetime = monday) -> events.OfficiallyReceived:
    """Return the desk's reception under its own code."""
    return cast.case().receive(
        official_code="H48.17-261116-0001",
        limit=Limit(10, Unit.WORKING_DAYS),
        started_at=at,
        start_basis="biên bản giao nhận",
        promised_at=None,
        by=hoa,
        at=at,
    )


def supplement(policy: PausePolicy, *, at: datetime) -> events.SupplementAsked:
    """Return a request for two papers."""
    return events.SupplementAsked(count=2, request="text", policy=policy, by=BY, occurred_at=at)


def supplemented(policy: PausePolicy, *, at: datetime) -> events.Supplemented:
    """Return the arrival of what was asked."""
    return events.Supplemented(policy=policy, by=BY, occurred_at=at)


def collected(amount: int, *, ledger: MoneyLedger = MoneyLedger.FEES, payment: Payment = Payment.CASH) -> Event:
    """Return money that came in at the counter."""
    return cast.case().collect(ledger=ledger, amount=amount, payment=payment, basis="b", by=lan, at=monday)


# --- the table --------------------------------------------------------------------------------------------------------

KINDS = sorted({kind for _, kind in LIFECYCLE}, key=lambda kind: kind.__name__)


@pytest.mark.parametrize("status", AgencyStatus)
@pytest.mark.parametrize("kind", KINDS)
def test_a_case_takes_exactly_the_steps_of_its_life_cycle(status: AgencyStatus, kind: type[Event]) -> None:
    case = in_status(status)
    assert case.may(kind) is ((status, kind) in LIFECYCLE)
    if case.may(kind):
        case.must_allow(kind)
    else:
        with pytest.raises(NotNow, match=AGENCY_STATUS_NAMES[status]):
            case.must_allow(kind)


@pytest.mark.parametrize(("status", "kind"), [key for key in LIFECYCLE if key[0] is not None])
@settings(max_examples=10)
@given(st.data())
def test_a_step_that_is_allowed_leads_where_the_table_says(
    status: AgencyStatus, kind: type[Event], data: st.DataObject
) -> None:
    event = data.draw(chance.things(kind))
    assert in_status(status).evolve(event).status is LIFECYCLE[status, kind]


def test_every_status_has_its_national_name() -> None:
    assert set(AGENCY_STATUS_NAMES) == set(AgencyStatus)
    assert [int(status) for status in AgencyStatus][:10] == list(range(1, 11))


def test_every_status_can_be_reached() -> None:
    reached: set[AgencyStatus | None] = {None}
    while more := {after for (before, _), after in LIFECYCLE.items() if before in reached} - reached:
        reached |= more
    assert reached == {None, *AgencyStatus}


def test_a_dossier_that_came_to_an_end_only_moves_on_to_being_returned() -> None:
    ended = {s for s in AgencyStatus if in_status(s).is_over}
    leaving = {(before, after) for (before, _), after in LIFECYCLE.items() if before in ended and before is not after}
    assert leaving == {(AgencyStatus.RESOLVED, AgencyStatus.RETURNED)}


@pytest.mark.parametrize("action", ["receive", "collect", "refund", "receipt"])
def test_who_was_turned_back_has_no_case_yet(action: str) -> None:
    case = in_status(AgencyStatus.TURNED_BACK)
    money = {"ledger": MoneyLedger.FEES, "amount": 1000, "by": lan, "at": monday}
    actions: dict[str, Callable[[], Event]] = {
        "receive": lambda: case.receive(
            official_code="x", limit=None, started_at=monday, start_basis="", promised_at=None, by=hoa, at=monday
        ),
        "collect": lambda: case.collect(payment=Payment.CASH, basis="", **money),  # type: ignore[arg-type]
        "refund": lambda: case.refund(reason="", **money),  # type: ignore[arg-type]
        "receipt": lambda: case.issue_receipt(reason="", by=lan, at=monday),
    }
    with pytest.raises(NotNow, match="7K2M4-9RTBQ"):
        actions[action]()


# --- the clock --------------------------------------------------------------------------------------------------------


def test_the_clock_starts_when_the_desk_receives_and_not_before() -> None:
    assert cast.case().started_at is None
    started = cast.case(received(at=cast.after(hours=3)))
    assert (started.started_at, started.limit) == (cast.after(hours=3), Limit(10, Unit.WORKING_DAYS))
    assert started.official_code == "H48.17-261116-0001"


def test_the_clock_stands_from_the_request_until_the_papers_are_in() -> None:
    asked = cast.case(received(), supplement(PausePolicy.PAUSE, at=cast.after(days=1)))
    assert [(p.since, p.until) for p in asked.pauses] == [(cast.after(days=1), None)]
    assert (asked.asked_papers, asked.supplements) == (2, 1)
    back = asked.evolve(supplemented(PausePolicy.PAUSE, at=cast.after(days=3)))
    assert [(p.since, p.until) for p in back.pauses] == [(cast.after(days=1), cast.after(days=3))]
    assert (back.status, back.asked_papers) == (AgencyStatus.IN_WORK, 0)


def test_a_request_that_stops_no_clock_leaves_no_pause() -> None:
    assert not cast.case(received(), supplement(PausePolicy.NONE, at=cast.after(days=1))).pauses


def test_a_clock_that_does_not_run_cannot_stand() -> None:
    assert not cast.case(supplement(PausePolicy.RESTART, at=monday)).pauses


def test_nobody_receives_twice() -> None:
    asked = cast.case(received(), supplement(PausePolicy.RESTART, at=cast.after(days=1)))
    with pytest.raises(NotNow, match="bổ sung"):
        asked.receive(
            official_code="H48.17-261116-0002",
            limit=None,
            started_at=monday,
            start_basis="",
            promised_at=None,
            by=cast.hoa,
            at=cast.after(days=2),
        )


def test_a_dossier_that_comes_back_complete_starts_anew() -> None:
    policy = PausePolicy.RESTART
    case = cast.case(received(), supplement(policy, at=cast.after(days=1)), received(at=cast.after(days=4)))
    assert (case.started_at, case.pauses, case.asked_papers) == (cast.after(days=4), (), 0)


def test_the_result_ends_the_clock_and_its_return_is_a_day_of_its_own() -> None:
    case = cast.case(received(), events.Resolved(by=BY, occurred_at=cast.after(days=5)))
    assert case.ended_at == case.resolved_at == cast.after(days=5)
    case = case.evolve(events.ResultReturned(by=BY, occurred_at=cast.after(days=7)))
    assert (case.ended_at, case.returned_at) == (cast.after(days=5), cast.after(days=7))


def test_the_status_is_as_old_as_its_last_change() -> None:
    case = cast.case(received(at=cast.after(hours=1)))
    case = case.evolve(case.issue_receipt(reason="", by=lan, at=cast.after(hours=5)))
    assert case.status_at == cast.after(hours=1)


# --- money ------------------------------------------------------------------------------------------------------------


def test_postage_and_fees_never_mix() -> None:
    case = cast.case(collected(30000, ledger=MoneyLedger.POSTAGE), collected(200000))
    assert (case.money(MoneyLedger.POSTAGE).balance, case.money(MoneyLedger.FEES).balance) == (30000, 200000)


def test_what_is_paid_later_is_owed_until_it_comes_in() -> None:
    case = cast.case(collected(200000, payment=Payment.LATER))
    assert (case.fees.collected, case.fees.owed) == (0, 200000)
    case = case.evolve(collected(150000))
    assert (case.fees.collected, case.fees.owed) == (150000, 50000)


def test_an_amount_is_never_negative() -> None:
    with pytest.raises(dossier.WrongAmount, match="không được âm"):
        collected(-1)


@pytest.mark.parametrize("amount", [0, -5, 30001])
def test_a_refund_is_at_most_what_came_in(amount: int) -> None:
    case = cast.case(collected(30000))
    with pytest.raises(dossier.WrongAmount, match="chỉ còn 30000 đ"):
        case.refund(ledger=MoneyLedger.FEES, amount=amount, reason="", by=lan, at=monday)


def test_a_refund_leaves_nothing_of_it_with_us() -> None:
    case = cast.case(collected(30000))
    case = case.evolve(case.refund(ledger=MoneyLedger.FEES, amount=30000, reason="", by=lan, at=monday))
    assert (case.fees.balance, case.fees.refunded) == (0, 30000)


# --- the rest of the fold ---------------------------------------------------------------------------------------------


def test_every_print_of_the_receipt_has_its_own_number() -> None:
    case = cast.case()
    assert case.issue_receipt(reason="", by=lan, at=monday).serial == 1
    case = case.evolve(case.issue_receipt(reason="", by=lan, at=monday))
    assert case.issue_receipt(reason="", by=lan, at=monday).serial == 2


def test_the_result_may_go_to_another_door() -> None:
    event = events.ReturnChanged(
        return_way=ReturnWay.POST_OFFICE,
        return_commune="20257",
        return_place=cast.SMALL_OFFICE,
        by=BY,
        occurred_at=monday,
    )
    case = cast.case(event)
    assert (case.return_way, case.return_place) == (ReturnWay.POST_OFFICE, cast.SMALL_OFFICE)


@given(chance.histories(*KINDS))
def test_the_fold_of_a_case_never_fails_and_counts_what_does_not_fit(history: list[Event]) -> None:
    case = cast.case()
    for version, event in enumerate(history, start=2):
        before, case = case, case.evolve(event)
        assert case.version == version
        assert case.misfits == before.misfits + ((before.status, type(event)) not in LIFECYCLE)
        assert all(pause.until is not None for pause in case.pauses[:-1])
    assert dossier.replay(cast.DOSSIER, [cast.opened(), *history]) == case


def test_a_case_begins_with_its_opening() -> None:
    with pytest.raises(AssertionError, match="does not begin"):
        dossier.begin(cast.DOSSIER, cast.registered())
