"""Which messages are still true, who is late and must be told, and what a controller has to look after."""

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest

from postal.domain.events import Receiver
from postal.domain.notices import Kind, kind_of
from postal.domain.people import Actor, Role
from postal.domain.permissions import Forbidden
from postal.domain.sending import Channel, NeverTaken
from postal.queries import messages as message_queries
from postal.queries.messages import LateRound, MessagesPage
from postal.services import delivery, messages
from postal.store import Store
from postal.store.registers import Notice
from tests import cast
from tests.web import way
from tests.web.way import Way, gone_to

SEEDS = itertools.count(70_000)
PHONE = way.SENDER.phone


def gone(store: Store, stage: str = "") -> Way:
    """Return a dossier of its own that has come to a stage."""
    return gone_to(store, stage, seed=next(SEEDS))


def owed(store: Store, taken: Way) -> dict[Kind, Notice]:
    """Return what goes to the phone of the citizen of a dossier, by kind."""
    due = messages.waiting(store, at=taken.at + timedelta(days=300), channels={Channel.SMS}, limit=999)
    return {kind_of(notice.fact): notice for notice in due if notice.dossier == taken.code}


def true_kinds(store: Store, taken: Way) -> set[Kind]:
    """Return what is owed and still true at the moment the dossier has come to."""
    found = owed(store, taken).items()
    return {kind for kind, notice in found if not message_queries.why_untrue(store, notice, at=taken.at)}


# --- still true? ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stage", "kinds"),
    [
        ("", {Kind.PIN}),
        ("to_transport", {Kind.PIN}),
        ("received", {Kind.PIN, Kind.AGENCY_RECEIVED}),
        ("in_work", {Kind.PIN, Kind.AGENCY_RECEIVED}),
        ("asked", {Kind.PIN, Kind.NEED_MORE}),
        ("supplemented", {Kind.PIN}),
        ("fee_due", {Kind.PIN, Kind.AGENCY_RECEIVED, Kind.FEE_DUE}),
        ("refused", {Kind.PIN, Kind.REFUSED}),
        ("stopped", {Kind.PIN, Kind.STOPPED}),
        ("withdrawn", {Kind.PIN, Kind.WITHDRAWN}),
        ("resolved", {Kind.PIN}),
        ("for_pickup", {Kind.PIN, Kind.AT_POST_OFFICE}),
        ("delivered", {Kind.PIN, Kind.DELIVERED}),
        ("voided", set()),
    ],
)
def test_at_each_stage_only_what_is_true_goes_out(seeded: Store, stage: str, kinds: set[Kind]) -> None:
    assert true_kinds(seeded, gone(seeded, stage)) == kinds


def test_an_invitation_is_dropped_once_the_citizen_has_his_result(seeded: Store) -> None:
    taken = gone(seeded, "for_pickup")
    invitation = owed(seeded, taken)[Kind.AT_POST_OFFICE]
    assert invitation.about == taken.result
    at_counter = replace(cast.hung, roles=frozenset({Role.COUNTER_CLERK}))
    delivery.deliver_at_counter(
        seeded,
        taken.result,
        receiver=Receiver.ADDRESSEE,
        identity_checked=True,
        authorisation_shown=False,
        proof=b"signature",
        media_type="image/png",
        by=at_counter,
        at=taken.later(),
    )
    assert "không còn chờ" in message_queries.why_untrue(seeded, invitation, at=taken.at)


def test_a_message_of_a_dossier_nobody_knows_is_not_sent(store: Store) -> None:
    stray = Notice(id="0" * 32, dossier=cast.DOSSIER, fact="pin_1", to=PHONE, text="")
    assert message_queries.why_untrue(store, stray, at=cast.monday)


# --- late -------------------------------------------------------------------------------------------------------------


def late(store: Store, *, days: int, last: str = "", limit: int = 100) -> LateRound:
    """Return who is late some days after that Monday."""
    return message_queries.late_after(store, last, at=cast.after(days=days), limit=limit)


def test_papers_late_in_the_post_are_told_with_the_day_and_an_apology(seeded: Store) -> None:
    taken = gone(seeded, "to_transport")
    assert late(seeded, days=1).late == ()
    (missed,) = late(seeded, days=2).late
    assert (missed.dossier, missed.about) == (taken.code, taken.item)
    assert missed.fact == "late_post_out_2026-11-17"
    assert missed.words.startswith("chưa đến cơ quan đúng hạn 17/11, chậm 1 ngày làm việc. Xin lỗi ông/bà,")


def test_an_authority_past_its_date_is_told_once_for_that_date(seeded: Store) -> None:
    taken = gone(seeded, "in_work")
    for days in (9, 10, 11):
        messages.owe_late(seeded, late(seeded, days=days).late, at=cast.after(days=days))
    due = messages.waiting(seeded, at=cast.after(days=30))
    told = sorted((n for n in due if kind_of(n.fact) is Kind.LATE), key=lambda n: n.channel)
    assert [(notice.dossier, notice.channel) for notice in told] == [(taken.code, "mail"), (taken.code, "sms")]
    assert told[0].fact.startswith("late_authority_")


def test_lateness_that_is_over_is_told_no_more(seeded: Store) -> None:
    taken = gone(seeded, "to_transport")
    messages.owe_late(seeded, late(seeded, days=2).late, at=cast.after(days=2))
    apology = owed(seeded, taken)[Kind.LATE]
    assert message_queries.why_untrue(seeded, apology, at=cast.after(days=2)) == ""
    taken.at = cast.after(days=2)
    taken._pass(taken.item, giver=cast.tai, receiver=cast.xuan, to=cast.commune_desk)
    assert message_queries.why_untrue(seeded, apology, at=taken.at)


def test_everybody_who_is_late_is_found_part_by_part(seeded: Store) -> None:
    dossiers = sorted(gone(seeded, "to_transport").code for _ in range(5))
    found, last, rounds = [], "", 0
    while rounds == 0 or last:
        part = late(seeded, days=2, last=last, limit=2)
        found += [each.dossier for each in part.late]
        last, rounds = part.last, rounds + 1
    assert found == dossiers
    assert rounds == 3


def test_a_dossier_that_is_over_is_never_late(seeded: Store) -> None:
    gone(seeded, "delivered")
    gone(seeded, "refused")
    assert [each.fact for each in late(seeded, days=200).late] == []


# --- what waits for a person ------------------------------------------------------------------------------------------


def failed(store: Store, *kinds: Kind, stage: str = "received") -> Way:
    """Return a dossier of which some messages could not be sent."""
    taken = gone(store, stage)
    for kind, notice in owed(store, taken).items():
        if kind in kinds:
            assert messages.claim(store, notice, at=cast.monday)
            error = NeverTaken("Cổng tin nhắn không nhận tin này (HTTP 422): số điện thoại có thể sai.")
            messages.settle_not_taken(store, notice, error=error, at=cast.monday)
    return taken


def page(store: Store, *, by: Actor = cast.minh) -> MessagesPage:
    """Return what somebody has to look after."""
    return message_queries.messages_page(store, actor=by, at=cast.monday)


def test_a_controller_sees_what_failed_with_the_reason_and_never_the_whole_phone(seeded: Store) -> None:
    taken = failed(seeded, Kind.AGENCY_RECEIVED)
    found = page(seeded)
    (line,) = found.lines
    assert (line.dossier, line.kind, line.channel) == (taken.code, "Cơ quan đã nhận, hẹn trả kết quả", "tin nhắn")
    assert line.to == f"…{PHONE[-3:]}"
    assert "số điện thoại có thể sai" in line.trouble
    assert "hẹn trả kết quả" in line.text
    assert line.can_be_told
    assert PHONE not in repr(found)


def test_the_text_of_a_pin_stays_closed_and_is_told_to_nobody(seeded: Store) -> None:
    taken = failed(seeded, Kind.PIN)
    (line,) = page(seeded).lines
    assert line.text == ""
    assert not line.can_be_told
    assert taken.pin not in repr(line)


def test_what_waits_is_counted_with_the_oldest(seeded: Store) -> None:
    failed(seeded, Kind.PIN)
    found = page(seeded)
    assert (found.failed, found.waiting) == (1, 2)
    assert found.waiting_since is not None


def test_another_office_sees_nothing_of_it_and_an_administrator_everything(seeded: Store) -> None:
    failed(seeded, Kind.PIN)
    elsewhere = page(seeded, by=replace(cast.minh, place=cast.SMALL_OFFICE))
    assert (elsewhere.lines, elsewhere.failed, elsewhere.waiting) == ((), 0, 0)
    assert page(seeded, by=replace(cast.thu, place="000000")).failed == 1


def test_who_may_not_see_messages_is_refused_and_counts_none(seeded: Store) -> None:
    failed(seeded, Kind.PIN)
    with pytest.raises(Forbidden):
        page(seeded, by=cast.lan)
    with seeded.read() as reader:
        assert message_queries.failed_messages(reader, cast.lan) == 0
        assert message_queries.failed_messages(reader, cast.minh) == 1


def test_a_mailbox_keeps_its_first_letter_and_its_host() -> None:
    assert message_queries.masked("khanh@example.vn") == "k…@example.vn"
