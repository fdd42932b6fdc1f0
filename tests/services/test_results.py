"""The way back begins: whose results may be registered, for whom, and where the post must bring them."""

import json
from dataclasses import replace

import pytest

from postal.domain import codes, originals, status
from postal.domain.codes import CodeKind
from postal.domain.dossier import AgencyStatus, Dossier, WrongAmount
from postal.domain.events import ItemKind, ReturnWay, Service
from postal.domain.item import Custody, Item
from postal.domain.lifecycle import NotNow, UnknownCode
from postal.domain.official import WrongOfficialCode
from postal.domain.permissions import Forbidden
from postal.domain.places import CommuneGone, Era, UnitKey
from postal.domain.procedures import UnknownProcedure
from postal.domain.refusals import Refused
from postal.domain.status import Status
from postal.queries.results import result_list
from postal.services import agency, destinations, registration, results
from postal.services.agency import NotCompetent
from postal.services.registration import PaperEntry, Registration
from postal.services.results import OwedBack, ResultEntry
from postal.store import Store
from postal.store.registers import RequestMismatch
from tests import arrivals, cast
from tests.arrivals import hanh

CODE = "H48.17-261101-0001"
RESULT = PaperEntry(name="Trích lục", originals=1)
PAPERS = (PaperEntry(name="Trích lục", originals=1), PaperEntry(name="Sổ cũ", originals=1, to_return=True))


def sent(store: Store, **changed: object) -> Dossier:
    """Return a dossier that Lan registered for the commune's desk."""
    form = {
        "service": Service.BOTH,
        "procedure": arrivals.PROCEDURE,
        "sender": hanh,
        "case_commune": "20242",
        "return_way": ReturnWay.HOME,
        "papers": PAPERS,
        "why_incomplete": "Đối chiếu trang của cơ quan",
        **changed,
    }
    made = registration.register(
        store,
        Registration(**form),  # type: ignore[arg-type]
        by=cast.lan,
        at=cast.monday,
        below=arrivals.below(str(changed)),
    )
    return made.dossier


def register(store: Store, *entries: ResultEntry, by: object = cast.xuan) -> list[Item]:
    return results.register_results(
        store,
        entries,
        by=by,  # type: ignore[arg-type]
        at=cast.after(days=1),
        below=arrivals.below(repr(entries)),
    )


def refusal(store: Store, *entries: ResultEntry, by: object = cast.xuan, line: int = 1) -> Refused:
    """Return what a line says that cannot be taken; nothing was recorded."""
    with pytest.raises(results.LinesRefused) as told:
        register(store, *entries, by=by)
    assert set(told.value.lines) == {line}
    assert str(told.value.lines[line]) in str(told.value)
    return told.value.lines[line]


def dossier_of(store: Store, code: str) -> Dossier:
    with store.begin(at=cast.monday) as ledger:
        return ledger.dossier(code)


def never_carried(serial: int = 1, **changed: object) -> ResultEntry:
    given = {"code": f"H48.17-261101-{serial:04d}", "papers": PAPERS, "receiver": hanh, **changed}
    return ResultEntry(**given)  # type: ignore[arg-type]


def test_a_result_is_a_new_item_whose_sender_is_the_authority(seeded: Store) -> None:
    dossier = sent(seeded)
    (made,) = register(seeded, ResultEntry(code=dossier.code, papers=PAPERS, seal="990001"))
    assert (made.kind, made.custody, made.seal) == (ItemKind.RESULT, Custody.HELD, "990001")
    assert (made.origin, made.custodian.key) == (cast.COMMUNE_DESK, cast.commune_desk.key)
    assert [paper.to_return for paper in made.papers] == [False, True]
    assert dossier_of(seeded, dossier.code).status is AgencyStatus.RESOLVED
    with seeded.begin(at=cast.monday) as ledger:
        kinds = [known.kind for known in ledger.items_of(dossier.code)]
    assert kinds == [ItemKind.OUTBOUND, ItemKind.RESULT], "the file stays; the result is another envelope"


def test_the_desk_finds_a_dossier_by_its_own_code_or_ours(seeded: Store) -> None:
    dossier = sent(seeded)
    agency.receive(seeded, dossier.code, official_code=CODE, by=cast.xuan, at=cast.after(hours=5))
    (made,) = register(seeded, ResultEntry(code=" h48.17-261101-0001 ", papers=PAPERS))
    assert made.dossier == dossier.code
    other = sent(seeded, request="another")
    (typed,) = register(seeded, ResultEntry(code=codes.shown(other.code).lower(), papers=PAPERS))
    assert typed.dossier == other.code


def test_a_result_goes_to_the_office_whose_postman_visits_the_door(seeded: Store) -> None:
    (near,) = register(seeded, never_carried(1))
    (far,) = register(seeded, never_carried(2, receiver=replace(hanh, commune="20197")))
    assert (near.destination.place, near.destination.to_citizen) == ("551000", True)
    assert far.destination.place == "555700"


def test_a_door_no_territory_visits_is_served_by_a_delivery_office_of_its_province(seeded: Store) -> None:
    with seeded.begin(at=cast.monday) as ledger:
        visited = {commune for round_ in ledger.reference.territories() for commune in round_.communes}
        unvisited = next(
            code
            for code, province in sorted(ledger.reference.commune_provinces().items())
            if province == "48" and code not in visited
        )
    (made,) = register(seeded, never_carried(receiver=replace(hanh, commune=unvisited)))
    with seeded.begin(at=cast.monday) as ledger:
        office = ledger.reference.place(made.destination.place)
    assert office.delivers
    assert office.province_code == "48"


def test_a_province_without_a_delivery_office_is_named(seeded: Store) -> None:
    with seeded.begin(at=cast.monday) as ledger:
        commune = next(
            code
            for code, province in sorted(ledger.reference.commune_provinces().items())
            if not [office for office in ledger.reference.places_of(province) if office.delivers]
        )
    told = refusal(seeded, never_carried(receiver=replace(hanh, commune=commune)))
    assert isinstance(told, destinations.NoDeliveryOffice)


def test_a_result_waits_at_the_office_the_citizen_chose(seeded: Store) -> None:
    dossier = sent(seeded, return_way=ReturnWay.POST_OFFICE, return_place="555700")
    (made,) = register(seeded, ResultEntry(code=dossier.code, papers=PAPERS))
    assert (made.destination.place, made.destination.to_citizen) == ("555700", True)


def test_without_a_choice_it_waits_where_it_was_handed_in(seeded: Store) -> None:
    dossier = sent(seeded, return_way=ReturnWay.POST_OFFICE)
    (made,) = register(seeded, ResultEntry(code=dossier.code, papers=PAPERS))
    assert made.destination.place == cast.OFFICE


@pytest.mark.parametrize(
    "asked", [{"return_way": ReturnWay.DESK}, {"service": Service.SEND, "return_way": ReturnWay.HOME}]
)
def test_a_result_the_citizen_fetches_himself_stays_at_the_desk(seeded: Store, asked: dict[str, object]) -> None:
    dossier = sent(seeded, **asked)
    (made,) = register(seeded, ResultEntry(code=dossier.code, papers=PAPERS))
    assert (made.destination.place, made.destination.to_citizen) == (cast.COMMUNE_DESK, False)


def test_a_dossier_we_never_carried_is_opened_for_its_result(seeded: Store) -> None:
    (made,) = register(seeded, never_carried(procedure=arrivals.PROCEDURE))
    dossier = dossier_of(seeded, made.dossier)
    assert (dossier.service, dossier.office, dossier.official_code) == (Service.RECEIVE, "", CODE)
    assert (dossier.procedure, dossier.procedure_version) == (arrivals.PROCEDURE, 1)
    assert status.word(dossier, [made]) is Status.RESULT_READY
    with seeded.read() as reader:
        assert reader.people.of([dossier.code])[dossier.code, "sender"] == hanh


def test_a_procedure_nobody_knows_is_refused(seeded: Store) -> None:
    assert isinstance(refusal(seeded, never_carried(procedure="9.999999")), UnknownProcedure)


@pytest.mark.parametrize("lacking", ["name", "address", "commune"])
def test_a_receiver_whom_nobody_could_find_is_none(seeded: Store, lacking: str) -> None:
    told = refusal(seeded, never_carried(receiver=replace(hanh, **{lacking: ""})))
    assert isinstance(told, results.NoReceiver)
    assert CODE in str(told)


def test_a_commune_that_is_gone_is_refused_with_its_successors(seeded: Store) -> None:
    with seeded.begin(at=cast.monday) as ledger:
        today = set(ledger.reference.commune_provinces())
        gone = next(code for code in ("20227", "20224", "20203", "20212", "20230") if code not in today)
        assert ledger.reference.unit(UnitKey(era=Era.OLD, code=gone), on=cast.today).successors
    assert isinstance(refusal(seeded, never_carried(receiver=replace(hanh, commune=gone))), CommuneGone)


def test_a_dossier_has_one_result_even_within_one_list(seeded: Store) -> None:
    told = refusal(seeded, never_carried(), never_carried(), line=2)
    assert isinstance(told, results.ListedTwice)
    with seeded.begin(at=cast.monday) as ledger:
        assert ledger.dossier_by_official_code(CODE) is None, "all of them or none"


def test_two_hundred_results_come_in_one_transaction(seeded: Store) -> None:
    made = register(seeded, *(never_carried(n, papers=()) for n in range(1, 201)))
    assert len({item.code for item in made}) == 200
    assert all(item.papers[0].originals == 1 for item in made), "an envelope holds at least the result"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("H48.17-261301-0001", WrongOfficialCode),
        ("không phải mã", WrongOfficialCode),
        (codes.mint(CodeKind.DOSSIER, below=arrivals.below("unknown")).text, UnknownCode),
        (codes.mint(CodeKind.ITEM, below=arrivals.below("an item")).text, codes.WrongKind),
    ],
)
def test_a_wrong_code_is_refused_by_name(seeded: Store, code: str, expected: type[Exception]) -> None:
    assert isinstance(refusal(seeded, never_carried(code=code)), expected)


def test_nothing_to_register_says_so(seeded: Store) -> None:
    with pytest.raises(results.NothingToRegister):
        register(seeded)


def test_another_authority_registers_no_result(seeded: Store) -> None:
    dossier = sent(seeded)
    told = refusal(seeded, ResultEntry(code=dossier.code, papers=PAPERS), by=cast.hoa)
    assert isinstance(told, NotCompetent)


def test_the_post_registers_no_result_of_the_authority(seeded: Store) -> None:
    with pytest.raises(Forbidden):
        register(seeded, never_carried(), by=cast.lan)


def test_an_officer_without_a_desk_takes_one_over_first(seeded: Store) -> None:
    with pytest.raises(destinations.NoDesk, match="Lý Thanh Xuân"):
        register(seeded, never_carried(), by=replace(cast.xuan, positions=frozenset()))


def test_a_refused_dossier_has_no_result(seeded: Store) -> None:
    dossier = sent(seeded)
    agency.refuse(seeded, dossier.code, reason="Không thuộc thẩm quyền", by=cast.xuan, at=cast.after(hours=6))
    assert isinstance(refusal(seeded, ResultEntry(code=dossier.code, papers=PAPERS)), NotNow)


# --- what an envelope brings along ------------------------------------------------------------------------------------


def given(dossier: Dossier, **changed: object) -> ResultEntry:
    return ResultEntry(**{"code": dossier.code, "papers": (RESULT,), **changed})  # type: ignore[arg-type]


def old_book(store: Store, dossier: Dossier, *, count: int = 1) -> OwedBack:
    """Return the original that came in on the second line of the dossier's envelope."""
    with store.begin(at=cast.monday) as ledger:
        (outbound,) = ledger.items_of(dossier.code)
    return OwedBack(source=originals.source_of(outbound.code, 2), count=count)


def test_an_original_inside_names_the_line_it_came_in_with(seeded: Store) -> None:
    dossier = sent(seeded)
    (made,) = register(seeded, given(dossier, owed=(old_book(seeded, dossier),)))
    with seeded.begin(at=cast.monday) as ledger:
        (line,) = originals.account(dossier, ledger.items_of(dossier.code))
    assert (line.owed, line.on_the_way, line.to_send) == (1, 1, 0)
    assert [(paper.line, paper.source) for paper in made.papers] == [(1, ""), (2, line.source)]
    with seeded.read() as reader:
        assert json.loads(reader.texts.get([made.contents])[made.contents]) == ["Trích lục", "Sổ cũ"]


def test_what_is_owed_and_not_inside_stays_owed(seeded: Store) -> None:
    dossier = sent(seeded)
    register(seeded, given(dossier, owed=(old_book(seeded, dossier, count=0),)))
    with seeded.begin(at=cast.monday) as ledger:
        (line,) = originals.account(dossier, ledger.items_of(dossier.code))
    assert (line.to_send, line.on_the_way) == (1, 0)


def test_more_originals_than_owed_are_counted_again(seeded: Store) -> None:
    dossier = sent(seeded)
    told = refusal(seeded, given(dossier, owed=(old_book(seeded, dossier, count=2),)))
    assert isinstance(told, originals.NotOwed)


def test_a_fee_to_collect_is_owed_to_the_desk_that_gave_the_result(seeded: Store) -> None:
    dossier = sent(seeded)
    register(seeded, given(dossier, fee=30_000, fee_basis="Phí cấp bản sao"))
    after = dossier_of(seeded, dossier.code)
    assert (after.fees.owed, after.fees_payee, after.postage.owed) == (30_000, cast.COMMUNE_DESK, 0)


def test_a_fee_says_what_it_is_for_and_is_whole_and_positive(seeded: Store) -> None:
    dossier = sent(seeded)
    assert isinstance(refusal(seeded, given(dossier, fee=30_000, fee_basis=" ")), results.NoFeeBasis)
    assert isinstance(refusal(seeded, given(dossier, fee=-1, fee_basis="Phí")), WrongAmount)


def test_papers_to_get_back_are_counted_and_their_names_kept_apart(seeded: Store) -> None:
    (made,) = register(seeded, never_carried(recover=("Giấy phép cũ", "Thẻ cũ")))
    assert made.to_recover == 2
    with seeded.read() as reader:
        assert reader.texts.get([made.recover])[made.recover] == "Giấy phép cũ\nThẻ cũ"


def test_an_envelope_the_authority_sealed_beforehand_says_so(seeded: Store) -> None:
    before, now = register(seeded, never_carried(1, seal="990001", by_authority=True), never_carried(2, seal="990002"))
    assert (before.pre_sealed, now.pre_sealed) == (True, False)


# --- one code, two dossiers -------------------------------------------------------------------------------------------


def test_a_code_of_another_desk_is_asked_about(seeded: Store) -> None:
    other = never_carried()
    register(seeded, other, by=cast.hoa)
    told = refusal(seeded, other)
    assert isinstance(told, results.WhichDossier)
    assert cast.UNIT_NAMES[cast.DESK] in str(told)


def test_another_dossier_of_the_same_code_is_opened_when_people_say_so(seeded: Store) -> None:
    (there,) = register(seeded, never_carried(), by=cast.hoa)
    (here,) = register(seeded, never_carried(dossier=results.ANOTHER))
    assert here.dossier != there.dossier
    assert dossier_of(seeded, here.dossier).desk == cast.COMMUNE_DESK


def test_a_desk_has_no_second_dossier_of_one_code(seeded: Store) -> None:
    dossier = sent(seeded)
    agency.receive(seeded, dossier.code, official_code=CODE, by=cast.xuan, at=cast.after(hours=5))
    told = refusal(seeded, never_carried(dossier=results.ANOTHER))
    assert isinstance(told, agency.OfficialCodeTaken)


def test_of_two_dossiers_with_one_code_the_chosen_one_is_taken(seeded: Store) -> None:
    register(seeded, never_carried(), by=cast.hoa)
    dossier = sent(seeded)
    agency.receive(seeded, dossier.code, official_code=CODE, by=cast.xuan, at=cast.after(hours=5))
    assert isinstance(refusal(seeded, ResultEntry(code=CODE)), results.WhichDossier)
    (made,) = register(seeded, ResultEntry(code=CODE, dossier=dossier.code))
    assert made.dossier == dossier.code


REWRITTEN = "H48.17-261101-CH01"
"""What a keyboard makes of "H48.17-261101-CC01"; also an honest code of its own."""


def test_a_code_that_a_keyboard_may_have_rewritten_is_asked_about_and_never_guessed(seeded: Store) -> None:
    dossier = sent(seeded)
    official = "H48.17-261101-CC01"
    agency.receive(seeded, dossier.code, official_code=official, by=cast.xuan, at=cast.after(hours=5))
    assert isinstance(refusal(seeded, ResultEntry(code=REWRITTEN)), results.WhichDossier)
    with seeded.read() as reader:
        (line,) = result_list(reader, REWRITTEN, desk=cast.COMMUNE_DESK, actor=cast.xuan, typed={}).lines
    assert [choice.value for choice in line.choices] == [dossier.code, results.ANOTHER]
    assert official in line.choices[0].name
    (made,) = register(seeded, ResultEntry(code=REWRITTEN, dossier=dossier.code, papers=PAPERS))
    assert made.dossier == dossier.code


def test_a_code_that_is_like_another_is_a_dossier_of_its_own_when_people_say_so(seeded: Store) -> None:
    dossier = sent(seeded)
    agency.receive(seeded, dossier.code, official_code="H48.17-261101-CC01", by=cast.xuan, at=cast.after(hours=5))
    entry = ResultEntry(code=REWRITTEN, dossier=results.ANOTHER, papers=PAPERS[:1], receiver=hanh)
    (made,) = register(seeded, entry)
    assert made.dossier != dossier.code
    assert dossier_of(seeded, made.dossier).official_code == REWRITTEN


def test_choosing_the_dossier_of_another_authority_does_not_help(seeded: Store) -> None:
    (there,) = register(seeded, never_carried(), by=cast.hoa)
    told = refusal(seeded, ResultEntry(code=CODE, dossier=there.dossier))
    assert isinstance(told, NotCompetent)


def test_a_list_that_is_sent_twice_is_registered_once(seeded: Store) -> None:
    def send(*entries: ResultEntry) -> list[Item]:
        return results.register_results(
            seeded, entries, by=cast.xuan, at=cast.after(days=1), below=arrivals.below(9), request="one-form"
        )

    first = send(never_carried(1), never_carried(2))
    assert [item.code for item in send(never_carried(1), never_carried(2))] == [item.code for item in first]
    with pytest.raises(RequestMismatch):
        send(never_carried(3))


def test_a_form_sent_again_with_a_line_more_is_refused_rather_than_half_recorded(seeded: Store) -> None:
    first, second = never_carried(1), never_carried(2)
    given = {"by": cast.xuan, "at": cast.after(days=1), "request": "f1"}
    results.register_results(seeded, [first], below=arrivals.below("one"), **given)  # type: ignore[arg-type]
    with pytest.raises(RequestMismatch):
        results.register_results(seeded, [first, second], below=arrivals.below("two"), **given)  # type: ignore[arg-type]
