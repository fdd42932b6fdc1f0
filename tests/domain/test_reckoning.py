"""A day is told from its events alone, and only by those of its own run."""

from postal.domain import reckoning
from postal.domain.events import (
    AttemptFailed,
    AttemptReason,
    Collected,
    Delivered,
    Event,
    InvitationLeft,
    MoneyLedger,
    Payment,
    PickupFailed,
    PickupMade,
    PlannedStop,
    Receiver,
)
from postal.domain.run import DeliveryRun, RunState
from tests import cast

GIVEN, MISSED, WAITS, FETCHED, CLOSED = "PGIVEN", "PMISSED", "PWAITS", "HFETCHED", "HCLOSED"
HOW = {"by": cast.nam.as_author(), "occurred_at": cast.monday}

RUN = DeliveryRun(
    code=cast.RUN,
    version=2,
    state=RunState.STARTED,
    office=cast.OFFICE,
    territory="551000-01",
    day=cast.today,
    postman="nam",
    stops=(
        PlannedStop(number=1, commune="20242", items=(GIVEN, MISSED)),
        PlannedStop(number=2, commune="20242", items=(), invitations=(WAITS,), pickups=(FETCHED, CLOSED)),
    ),
    metres=900,
    planned_at=cast.monday,
)


def given(*, run: str = cast.RUN, recovered: int = 0, reason: str = "") -> Delivered:
    return Delivered(
        receiver=Receiver.ADDRESSEE,
        identity_checked=True,
        authorisation_shown=False,
        proof="ink",
        run=run,
        recovered=recovered,
        reason=reason,
        **HOW,  # type: ignore[arg-type]
    )


def missed(reason: AttemptReason, *, run: str = cast.RUN) -> AttemptFailed:
    return AttemptFailed(run=run, reason=reason, **HOW)  # type: ignore[arg-type]


def paid(amount: int, payment: Payment, *, run: str = cast.RUN) -> Collected:
    return Collected(ledger=MoneyLedger.FEES, amount=amount, payment=payment, basis="", run=run, **HOW)  # type: ignore[arg-type]


def reckoned(happened: dict[str, list[Event]]) -> reckoning.Reckoning:
    return reckoning.reckon(RUN, happened)


def test_a_day_on_which_nothing_happened_has_done_nothing() -> None:
    assert reckoned({}) == reckoning.Reckoning()


def test_everything_that_was_done_on_the_run_is_told() -> None:
    done = reckoned(
        {
            GIVEN: [missed(AttemptReason.NO_ANSWER), given(recovered=1, reason="a text")],
            MISSED: [missed(AttemptReason.NO_ANSWER), missed(AttemptReason.ANOTHER_DAY)],
            WAITS: [InvitationLeft(number=1, run=cast.RUN, **HOW)],  # type: ignore[arg-type]
            FETCHED: [PickupMade(item="PNEW", run=cast.RUN, proof="ink", **HOW)],  # type: ignore[arg-type]
            CLOSED: [PickupFailed(run=cast.RUN, reason=AttemptReason.NOBODY_THERE, next_on=cast.today, **HOW)],  # type: ignore[arg-type]
            cast.DOSSIER: [paid(135_000, Payment.CASH), paid(20_000, Payment.TRANSFER)],
        }
    )
    assert (done.delivered, done.invited, done.picked_up) == ((GIVEN,), (WAITS,), (FETCHED,))
    assert (done.recovered, done.papers_less) == (1, (GIVEN,))
    assert (done.collected, done.cash) == (155_000, 135_000)
    assert done.why_missed(MISSED) is AttemptReason.ANOTHER_DAY, "the last reason counts"
    assert done.why_missed(CLOSED) is AttemptReason.NOBODY_THERE
    assert done.why_missed(GIVEN) is None, "what was given in the end was not missed"


def test_what_happened_on_another_run_or_at_the_counter_is_not_of_this_day() -> None:
    done = reckoned(
        {
            GIVEN: [given(run="")],
            MISSED: [missed(AttemptReason.NO_ANSWER, run="ROTHER")],
            cast.DOSSIER: [paid(135_000, Payment.CASH, run="")],
        }
    )
    assert done == reckoning.Reckoning()
