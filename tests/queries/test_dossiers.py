"""What a dossier page is told: what can be done now, by whom, and what the word stands on."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from postal.domain.events import ItemKind, ReturnWay, Service
from postal.domain.people import Actor, Role
from postal.domain.status import Status
from postal.queries import dossiers
from postal.queries.access import NotTakingPart
from postal.queries.dossiers import DossierPage
from postal.services import agency, custody, registration
from postal.services.registration import AtCounter, PaperEntry, Registration
from postal.store import Store
from tests import cast

OFFICIAL = "H48.17-261116-0001"


PAPERS = (PaperEntry(name="Tờ khai", originals=1), PaperEntry(name="Không có"), PaperEntry(name="Ảnh", copies=2))


def register(store: Store, *, seed: int = 5, **changes: Any) -> AtCounter:
    """Register a dossier with Lan, sealed and paid."""
    given: dict[str, Any] = {
        "service": Service.BOTH,
        "procedure": "1.004873",
        "sender": cast.khanh,
        "case_commune": "20242",
        "return_way": ReturnWay.HOME,
        "papers": (
            PaperEntry(name="Tờ khai", originals=1),
            PaperEntry(name="Không có"),
            PaperEntry(name="Ảnh", copies=2),
        ),
        "seal": "881245",
        "postage": 30_000,
        "postage_basis": "Giá cước niêm yết",
    }
    form = Registration(**{**given, **changes})
    return registration.register(store, form, by=cast.lan, at=cast.monday, below=cast.below(seed))


def page_of(store: Store, made: AtCounter, *, actor: Actor = cast.lan, hours: int = 1) -> DossierPage:
    return dossiers.dossier_page(store, made.dossier.code, actor=actor, at=cast.after(hours=hours))


def to_the_desk(store: Store, made: AtCounter) -> None:
    """Carry the envelope to the commune's desk, signed by both."""
    assert made.item
    at = cast.after(hours=2)
    record = custody.offer(store, [made.item.code], to=cast.transport, by=cast.lan, at=at, below=cast.below(1))
    custody.accept(store, record.code, by=cast.tai, at=at)
    record = custody.offer(store, [made.item.code], to=cast.commune_desk, by=cast.tai, at=at, below=cast.below(2))
    custody.accept(store, record.code, by=cast.xuan, at=at)


def test_at_the_counter_everything_of_the_counter_can_be_done(seeded: Store) -> None:
    page = page_of(seeded, register(seeded))
    assert (page.word, page.can_void, page.refund) == (Status.ACCEPTED, True, 30_000)
    assert page.can_reissue
    assert page.can_print_citizens_copy
    assert page.can_hand_over
    assert page.seal_now == ""
    assert len(page.printable_labels) == 1


def test_an_unsealed_envelope_asks_for_its_seal_first(seeded: Store) -> None:
    made = register(seeded, seal="")
    page = page_of(seeded, made)
    assert made.item
    assert (page.seal_now, page.can_hand_over) == (made.item.code, False)
    assert page.items[0].needs_seal


def test_papers_that_were_not_handed_in_are_no_lines(seeded: Store) -> None:
    lines = page_of(seeded, register(seeded)).papers
    assert [(line.name, line.originals, line.copies) for line in lines] == [("Tờ khai", 1, 0), ("Ảnh", 0, 2)]


def test_once_the_desk_has_it_the_counter_only_looks_and_issues_a_new_copy(seeded: Store) -> None:
    made = register(seeded)
    to_the_desk(seeded, made)
    agency.receive(seeded, made.dossier.code, official_code=OFFICIAL, by=cast.xuan, at=cast.after(hours=3))
    page = page_of(seeded, made, hours=4)
    assert (page.word, page.official_code) == (Status.AGENCY_RECEIVED, OFFICIAL)
    assert not page.can_void
    assert not page.can_hand_over
    assert page.can_reissue
    assert page.due.shown_at is not None
    assert "Quầy tiếp nhận" in page.custody


def test_the_desk_reads_it_and_does_nothing_of_the_counter(seeded: Store) -> None:
    made = register(seeded)
    page = page_of(seeded, made, actor=cast.xuan)
    assert page.sees_people
    assert not any((page.can_void, page.can_reissue, page.has_prints, page.can_repeat))


def test_a_colleague_who_does_not_answer_for_the_envelope_does_not_void_it(seeded: Store) -> None:
    made = register(seeded)
    colleague = replace(cast.minh, roles=frozenset({Role.CONTROLLER}))
    assert not page_of(seeded, made, actor=colleague).can_void
    assert page_of(seeded, made, actor=colleague).can_reissue


def test_who_watches_sees_papers_by_number_only(seeded: Store) -> None:
    page = page_of(seeded, register(seeded), actor=cast.thu)
    assert (page.sees_people, page.people, page.note) == (False, (), "")
    assert [line.name for line in page.papers] == ["Giấy tờ số 1", "Giấy tờ số 3"]
    assert all(line.detail == "" for line in page.timeline)


def test_another_office_and_another_desk_take_no_part(seeded: Store) -> None:
    made = register(seeded)
    for stranger in (cast.sen, cast.quan):
        with pytest.raises(NotTakingPart):
            page_of(seeded, made, actor=stranger)


def test_the_pickup_office_takes_part(seeded: Store) -> None:
    made = register(seeded, return_way=ReturnWay.POST_OFFICE, return_place=cast.SMALL_OFFICE)
    page = page_of(seeded, made, actor=cast.sen)
    assert page.return_place == "Bưu cục Đà Nẵng 2"


def test_a_result_alone_has_no_envelope_and_no_papers(seeded: Store) -> None:
    page = page_of(seeded, register(seeded, service=Service.RECEIVE, papers=(), official_code=OFFICIAL))
    assert (page.items, page.papers, page.expected_on) == ((), (), None)
    assert page.stage == "Bưu điện chưa giữ gì của hồ sơ này"
    assert page.can_void, "nothing left the counter, so the registration can be taken back"


def test_an_expected_day_in_an_unpublished_year_is_provisional(seeded: Store) -> None:
    assert not page_of(seeded, register(seeded)).is_expected_provisional
    late = Registration(
        service=Service.SEND,
        procedure="1.004873",
        sender=cast.khanh,
        case_commune="20242",
        return_way=ReturnWay.DESK,
        papers=(PaperEntry(name="Tờ khai", originals=1),),
    )
    at = cast.after(days=45)
    made = registration.register(seeded, late, by=cast.lan, at=at, below=cast.below(8))
    page = dossiers.dossier_page(seeded, made.dossier.code, actor=cast.lan, at=at)
    assert page.expected_on is not None
    assert page.expected_on >= date(2027, 1, 1)
    assert page.is_expected_provisional
    assert page.return_way == "", "who only sends fetches the result at the desk"


def test_every_kind_of_envelope_has_its_words(seeded: Store) -> None:
    made = register(seeded)
    assert made.item
    assert made.item.kind is ItemKind.OUTBOUND
    assert page_of(seeded, made).items[0].kind == "Hồ sơ gửi đi"
