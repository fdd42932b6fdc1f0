"""At the authority's counter the post takes results over itself: known ones and such as it never carried."""

from dataclasses import replace
from datetime import datetime, timedelta

from postal.domain.events import ItemKind, ReturnWay
from postal.domain.item import Item
from postal.services import intake
from postal.services.demonstration import authority, counters, people, pictures
from postal.services.demonstration.cases import Case, Plan, Stage
from postal.services.demonstration.staff import CITY_DESK, VAN
from postal.services.demonstration.world import World
from postal.services.intake import Intake
from postal.services.registration import PaperEntry
from postal.services.results import ResultEntry

_HOMES_OF_STRANGERS = ("20242", "20257", "20209")
_ON_PAPER_EVERY = 3


def take_over(world: World, *, at: datetime) -> None:
    """Let the van's driver count results at the city's desk and sign with the officer, or on paper."""
    known = [case for case in authority.with_result(world, at=at) if _is_taken_over(case)]
    strangers = [_case_of_stranger(world, plan, at=at) for plan in world.strangers]
    if not known + strangers:
        return
    world.strangers = []
    lines = [
        *(authority.entry(world, case) for case in known),
        *(_entry_of_stranger(world, case) for case in strangers),
    ]
    form = Intake(
        desk=world.staff.custodian(f"{CITY_DESK}:desk"),
        to=world.staff.custodian(VAN),
        lines=tuple(lines),
        request=f"intake-{at:%Y%m%d}",
    )
    for case, code in zip(known + strangers, _sign(world, form, at=at), strict=True):
        _take_along(world, case, code)


def _is_taken_over(case: Case) -> bool:
    goes_by_post = case.plan.return_way is not ReturnWay.DESK
    return case.plan.is_taken_over and goes_by_post and case.desk == CITY_DESK and bool(case.official_code)


def _case_of_stranger(world: World, plan: Plan, *, at: datetime) -> Case:
    """Return the case of somebody whose dossier the post never carried."""
    code = counters.official_code(world, CITY_DESK, on=at.date())
    case = Case(plan=plan, dossier="", office="", desk=CITY_DESK, department="", procedure="", official_code=code)
    world.cases.append(case)
    return case


def _entry_of_stranger(world: World, case: Case) -> ResultEntry:
    return ResultEntry(
        code=case.official_code,
        papers=(PaperEntry(name="Kết quả giải quyết", originals=1),),
        seal=f"{world.serial('seal'):06d}",
        by_authority=True,
        receiver=people.somebody(world.chance, commune=world.chance.choice(_HOMES_OF_STRANGERS)),
        fee=case.plan.late_fee,
        fee_basis=authority.FEE_BASIS if case.plan.late_fee else "",
        recover=authority.OLD_PAPERS[: case.plan.recovers],
    )


def _sign(world: World, form: Intake, *, at: datetime) -> tuple[str, ...]:
    """Sign on the same screen, every third time on paper; return the items in the order of the lines."""
    driver, officer = world.staff.holders[VAN], world.staff.holders[f"{CITY_DESK}:desk"]
    if world.serial("intake") % _ON_PAPER_EVERY:
        return intake.take_together(world.store, form, officer=officer, by=driver, at=at, below=world.below).items
    return intake.take_on_paper(
        world.store,
        form,
        signed_at=at,
        signer="Cán bộ Một cửa (dữ liệu giả)",
        photo=world.sheet,
        media_type=pictures.MEDIA_TYPE,
        by=driver,
        at=at + timedelta(minutes=5),
        below=world.below,
    ).items


def _take_along(world: World, case: Case, code: str) -> None:
    with world.store.read() as reader:
        item = reader.many(Item, [code])[code]
    case.dossier, case.stage = item.dossier, Stage.OVER
    world.send_home(case, code=code, kind=ItemKind.RESULT, to=item.destination.place, holder=VAN)
    world.put(VAN, [replace(load, goes_to_hub=True) for load in world.take(VAN, lambda load: load.code == code)])
