"""The way back begins: whose results may be registered, for whom, and where the post must bring them."""

from dataclasses import replace

import pytest

from postal.domain import codes, status
from postal.domain.codes import CodeKind
from postal.domain.dossier import AgencyStatus, Dossier
from postal.domain.events import ItemKind, ReturnWay, Service
from postal.domain.item import Custody, Item
from postal.domain.lifecycle import NotNow, UnknownCode
from postal.domain.official import WrongOfficialCode
from postal.domain.permissions import Forbidden
from postal.domain.places import CommuneGone, Era, UnitKey
from postal.domain.procedures import UnknownProcedure
from postal.domain.status import Status
from postal.services import agency, destinations, registration, results
from postal.services.agency import NotCompetent
from postal.services.registration import PaperEntry, Registration
from postal.services.results import ResultEntry
from postal.store import Store
from tests import arrivals, cast
from tests.arrivals import hanh

CODE = "H48.17-261101-0001"
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
    with pytest.raises(destinations.NoDeliveryOffice, match="Chưa có bưu cục phát"):
        register(seeded, never_carried(receiver=replace(hanh, commune=commune)))


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
    with pytest.raises(UnknownProcedure):
        register(seeded, never_carried(procedure="9.999999"))


@pytest.mark.parametrize("lacking", ["name", "address", "commune"])
def test_a_receiver_whom_nobody_could_find_is_none(seeded: Store, lacking: str) -> None:
    with pytest.raises(results.NoReceiver, match=r"H48\.17-261101-0001"):
        register(seeded, never_carried(receiver=replace(hanh, **{lacking: ""})))


def test_a_commune_that_is_gone_is_refused_with_its_successors(seeded: Store) -> None:
    with seeded.begin(at=cast.monday) as ledger:
        today = set(ledger.reference.commune_provinces())
        gone = next(code for code in ("20227", "20224", "20203", "20212", "20230") if code not in today)
        assert ledger.reference.unit(UnitKey(era=Era.OLD, code=gone), on=cast.today).successors
    with pytest.raises(CommuneGone):
        register(seeded, never_carried(receiver=replace(hanh, commune=gone)))


def test_a_dossier_has_one_result_even_within_one_list(seeded: Store) -> None:
    with pytest.raises(results.ResultExists):
        register(seeded, never_carried(), never_carried())
    with seeded.begin(at=cast.monday) as ledger:
        assert ledger.dossier_by_official_code(CODE) is None, "all of them or none"


def test_two_hundred_results_come_in_one_transaction(seeded: Store) -> None:
    made = register(seeded, *(never_carried(n, papers=()) for n in range(1, 201)))
    assert len({item.code for item in made}) == 200
    assert all(item.papers[0].originals == 1 for item in made), "an envelope holds at least the result"


@pytest.mark.parametrize(
    ("code", "refusal"),
    [
        ("H48.17-261301-0001", WrongOfficialCode),
        ("không phải mã", WrongOfficialCode),
        (codes.mint(CodeKind.DOSSIER, below=arrivals.below("unknown")).text, UnknownCode),
        (codes.mint(CodeKind.ITEM, below=arrivals.below("an item")).text, codes.WrongKind),
    ],
)
def test_a_wrong_code_is_refused_by_name(seeded: Store, code: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        register(seeded, never_carried(code=code))


def test_nothing_to_register_says_so(seeded: Store) -> None:
    with pytest.raises(results.NothingToRegister):
        register(seeded)


def test_another_authority_registers_no_result(seeded: Store) -> None:
    dossier = sent(seeded)
    with pytest.raises(NotCompetent):
        register(seeded, ResultEntry(code=dossier.code, papers=PAPERS), by=cast.hoa)


def test_the_post_registers_no_result_of_the_authority(seeded: Store) -> None:
    with pytest.raises(Forbidden):
        register(seeded, never_carried(), by=cast.lan)


def test_an_officer_without_a_desk_takes_one_over_first(seeded: Store) -> None:
    with pytest.raises(destinations.NoDesk, match="Lý Thanh Xuân"):
        register(seeded, never_carried(), by=replace(cast.xuan, positions=frozenset()))


def test_a_refused_dossier_has_no_result(seeded: Store) -> None:
    dossier = sent(seeded)
    agency.refuse(seeded, dossier.code, reason="Không thuộc thẩm quyền", by=cast.xuan, at=cast.after(hours=6))
    with pytest.raises(NotNow):
        register(seeded, ResultEntry(code=dossier.code, papers=PAPERS))
