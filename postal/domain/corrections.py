"""Which recorded steps may be struck afterwards: one table, and the rule that nobody loses what he signed for.

A correction strikes, it never edits: the wrong line stays visible. An offer and its end are one hand-over and go
together, or the envelope would wait for a signature on a record that is closed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from postal.domain import chain, codes, events
from postal.domain.bag import Bag
from postal.domain.chain import Begin, Read, Step
from postal.domain.dossier import AgencyStatus
from postal.domain.events import Event
from postal.domain.item import Item
from postal.domain.people import Actor, Custodian, Role
from postal.domain.refusals import Refused


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """Whether a kind of step may be struck, and the reason: for a yes why it is safe, for a no what to do instead."""

    may: bool
    why: str


_BY_COUNT = "Bước này nằm trong lần kiểm đếm cả túi. Thấy lại thì ghi “Đã thấy”, khác thì lập biên bản sự cố."
_BY_VISIT = "Lần đến nhà đã vào sổ của chuyến phát và đã báo người dân. Ghi lần sau cho đúng."
_OF_BAG = "Bước này nằm trong sổ của túi và của từng bưu gửi. Lấy ra hoặc bỏ vào lại rồi đóng túi."

RULES: dict[type[Event], Rule] = {
    events.HandedOver: Rule(may=False, why="Lời bàn giao chưa ai ký: thu hồi biên bản, rồi bàn giao lại cho đúng."),
    events.Accepted: Rule(may=True, why="Bỏ cả lần giao nhận: bên giao giữ lại như trước."),
    events.SignedOnPaper: Rule(may=True, why="Bỏ cả lần giao nhận trên giấy: bên giao giữ lại như trước."),
    events.Declined: Rule(may=True, why="Bỏ cả lần bàn giao không được nhận, cùng lý do đã ghi nhầm."),
    events.Recalled: Rule(may=False, why="Thu hồi không làm đổi ai giữ. Bàn giao lại nếu cần."),
    events.Moved: Rule(may=True, why="Bưu gửi trở lại vị trí trước khi chuyển nội bộ."),
    events.TakenOver: Rule(may=True, why="Bưu gửi trở lại bên giữ trước khi nhận thay."),
    events.Claimed: Rule(may=True, why="Điều thiết bị báo nhầm không còn tính."),
    events.Sighted: Rule(may=True, why="Lần quét nhầm không còn tính; ai giữ không đổi."),
    events.Sealed: Rule(may=True, why="Số niêm phong ghi nhầm không còn tính; số trước đó có lại."),
    events.Rerouted: Rule(may=True, why="Nơi đến trở lại như trước khi chuyển hướng."),
    events.ReportedMissing: Rule(may=True, why="Báo thiếu nhầm không còn tính."),
    events.ReportedDamaged: Rule(may=True, why="Báo rách, ướt nhầm không còn tính."),
    events.Found: Rule(may=True, why="Ghi nhầm đã thấy: bưu gửi trở lại tình trạng đang tìm hoặc hư hỏng."),
    events.BagSealed: Rule(may=True, why="Túi trở lại đang đóng: niêm phong lại với số đúng."),
    events.Registered: Rule(may=False, why="Bưu gửi đã có nhãn và phiếu gửi. Chưa rời quầy thì hủy, rồi đăng ký lại."),
    events.Packed: Rule(may=False, why=_OF_BAG),
    events.Unpacked: Rule(may=False, why=_BY_COUNT),
    events.Disputed: Rule(may=False, why=_BY_COUNT),
    events.FoundInBag: Rule(may=False, why=_BY_COUNT),
    events.AttemptFailed: Rule(may=False, why=_BY_VISIT),
    events.InvitationLeft: Rule(may=False, why=_BY_VISIT),
    events.HeldForPickup: Rule(may=False, why="Người dân đã được mời theo ngày này. Mời lại với ngày đúng."),
    events.DeclaredUndeliverable: Rule(
        may=False, why="Chuyển trả đã báo người dân. Người dân đến thì trả tại bưu cục."
    ),
    events.Delivered: Rule(
        may=False, why="Đã phát, có chữ ký và tiền kèm theo. Lập biên bản sự cố nếu phát nhầm người."
    ),
    events.Voided: Rule(may=False, why="Đã hủy và trả giấy tờ. Đăng ký bưu gửi mới."),
    events.BagStarted: Rule(may=False, why="Túi chưa dùng thì hủy túi."),
    events.BagPacked: Rule(may=False, why=_OF_BAG),
    events.BagUnpacked: Rule(may=False, why=_OF_BAG),
    events.BagOpened: Rule(
        may=False, why="Túi đã mở không đóng lại được như cũ. Lập biên bản sự cố nếu ghi nhầm niêm phong."
    ),
    events.BagCounted: Rule(may=False, why=_BY_COUNT),
    events.BagVoided: Rule(may=False, why="Mở túi mới."),
    events.Corrected: Rule(may=False, why="Việc đính chính không bị gạch. Ghi lại bước đúng như một việc mới."),
}
"""Every step of an item or bag. Nothing of a dossier is struck: each decision there has its own contrary step."""

ENDS_OFFER = (events.Accepted, events.SignedOnPaper, events.Declined)

CUSTODY = (
    events.HandedOver,
    events.Accepted,
    events.Declined,
    events.Recalled,
    events.SignedOnPaper,
    events.Moved,
    events.TakenOver,
    events.Packed,
    events.Unpacked,
    events.Disputed,
    events.FoundInBag,
    events.Delivered,
    events.Voided,
    events.Sealed,
    events.Registered,
    events.BagPacked,
    events.BagUnpacked,
    events.BagSealed,
    events.BagOpened,
    events.BagCounted,
)
"""Steps that only make sense for one holder and one addressee."""

SETTLES_ITSELF = (events.Found, events.Rerouted, events.DeclaredUndeliverable)
"""Steps that only make sense for one trouble or destination."""


class NotCorrectable(Refused):
    """This kind of step is never struck."""

    code = "not_correctable"
    vi = "Không đính chính được bước này của {thing}. {why}"
    en = "This step of {thing} cannot be corrected: {why}"


class NoSuchStep(Refused):
    """There is no such step, or it was struck already."""

    code = "no_such_step"
    vi = (
        "{thing} không có việc số {version} để đính chính, hoặc việc đó đã được đính chính. Tải lại trang rồi chọn lại."
    )
    en = "{thing} has no step {version} to correct, or it was corrected already."


class OthersFollow(Refused):
    """What came later rests on the step."""

    code = "others_follow"
    vi = (
        "Sau việc này đã có “{what}” của {who} dựa vào nó. Đính chính việc sau cùng trước, "
        "hoặc lập biên bản sự cố để hai bên cùng ghi."
    )
    en = "“{what}” of {who} rests on this step. Correct the last step first, or write an incident record."


class ClockBegan(Refused):
    """The authority's clock began with this signature."""

    code = "clock_began"
    vi = "Cơ quan đã tiếp nhận hồ sơ theo lần ký này nên không gạch được. Hai bên lập biên bản sự cố."
    en = "The authority received the dossier on this signature. Write an incident record instead."


class NoController(Refused):
    """One of the two who correct is a controller."""

    code = "no_controller"
    vi = "Trong hai người ký đính chính phải có kiểm soát viên hoặc trưởng đơn vị. Nhờ người đó ký cùng."
    en = "One of the two who sign a correction must be a controller or head."


class SamePersonTwice(Refused):
    """A correction has two people."""

    code = "same_person_twice"
    vi = "Hai người ký đính chính phải khác nhau. Nhờ người thứ hai gõ tên đăng nhập và mật khẩu của mình."
    en = "A correction needs two different people."


class SideNotThere(Refused):
    """A correction that moves an envelope back is signed by both who held it."""

    code = "side_not_there"
    vi = "Đính chính này chuyển {thing} từ {loser} về {gainer}. Cần người của cả hai nơi ký."
    en = "This correction moves {thing} from {loser} back to {gainer}. Somebody of both must sign."


class NoCorrectionReason(Refused):
    """A correction says why."""

    code = "no_correction_reason"
    vi = "Chưa ghi vì sao đính chính. Ghi điều đã ghi sai và điều đúng."
    en = "Say why this is corrected: what was wrong and what is right."


@dataclass(frozen=True, kw_only=True, slots=True)
class Striking:
    """What a correction strikes, and the thing as it was and as it will be."""

    versions: tuple[int, ...]
    before: Item | Bag
    after: Item | Bag


def rule_of(event: Event) -> Rule:
    """Return the rule for a step as it reads."""
    return RULES.get(type(event), Rule(may=False, why="Hỏi kiểm soát viên."))


def strike(code: str, steps: Sequence[Step], version: int, *, begin: Begin[Item] | Begin[Bag]) -> Striking:
    """Return what striking a step means.

    Raises: NoSuchStep, NotCorrectable, OthersFollow.
    """
    reads = chain.read(code, steps, begin=begin)
    counted = [each for each in reads if not each.is_struck]
    found = next((n for n, each in enumerate(counted) if each.step.version == version), None)
    if found is None:
        raise NoSuchStep(thing=codes.shown(code), version=version)
    rule = rule_of(counted[found].event)
    if not rule.may:
        raise NotCorrectable(thing=codes.shown(code), why=rule.why)
    versions = _with_its_offer(counted, found)
    after = _without(code, steps, versions, begin=begin)
    _must_fit(code, counted, after, versions, begin=begin)
    striking = Striking(
        versions=versions,
        before=_state(code, [each.event for each in counted], begin=begin),
        after=_state(code, [each.event for each in after], begin=begin),
    )
    _must_not_go_back_into_a_bag(striking)
    return striking


def must_sign(striking: Striking, first: Actor, second: Actor, *, thing: str) -> None:
    """Refuse two people who may not correct this: both sides of what moves, two accounts, one of them a controller.

    Raises: SamePersonTwice, NoController, SideNotThere.
    """
    if first.account == second.account:
        raise SamePersonTwice
    if Role.CONTROLLER not in first.roles | second.roles:
        raise NoController
    loser, gainer = striking.before.custodian, striking.after.custodian
    if loser.is_same_as(gainer):
        return
    if {loser.place, gainer.place} - {first.place, second.place, ""}:
        raise SideNotThere(thing=codes.shown(thing), loser=loser, gainer=gainer)


def must_leave_the_clock(striking: Striking, status: AgencyStatus | None) -> None:
    """Refuse to take back the signature on which the authority received a dossier. Raises: ClockBegan."""
    is_same = striking.before.signed_over_at == striking.after.signed_over_at
    if not is_same and status not in (None, AgencyStatus.NEW):
        raise ClockBegan


def _must_not_go_back_into_a_bag(striking: Striking) -> None:
    """Refuse to lay an item back into its bag: the bag went on without it, and its holder never had the item."""
    before, after = striking.before, striking.after
    if isinstance(before, Item) and isinstance(after, Item) and after.bag not in ("", before.bag):
        raise NotCorrectable(thing=codes.shown(after.code), why="Túi đã đi tiếp không có bưu gửi này. Bỏ vào túi lại.")


def _with_its_offer(counted: Sequence[Read], index: int) -> tuple[int, ...]:
    """Return the versions to strike: the end of an offer takes its offer with it."""
    chosen = counted[index]
    if not isinstance(chosen.event, ENDS_OFFER):
        return (chosen.step.version,)
    offers = [each for each in counted[:index] if isinstance(each.event, events.HandedOver)]
    return (chosen.step.version, offers[-1].step.version) if offers else (chosen.step.version,)


def _without(
    code: str, steps: Sequence[Step], versions: Sequence[int], *, begin: Begin[Item] | Begin[Bag]
) -> list[Read]:
    left = [step for step in steps if step.version not in versions]
    reads = chain.read(code, left, begin=begin)
    return [each for each in reads if not each.is_struck]


def _must_fit(
    code: str,
    before: Sequence[Read],
    after: Sequence[Read],
    struck: Sequence[int],
    *,
    begin: Begin[Item] | Begin[Bag],
) -> None:
    """Refuse when a later step would no longer mean what it meant, or its author would lose what he signed for."""
    old, new = _contexts(code, before, begin=begin), _contexts(code, after, begin=begin)
    for each in before:
        version = each.step.version
        if version in struck:
            continue
        if version not in new or old[version] != new[version]:
            raise OthersFollow(what=_NAMES.get(type(each.event), "việc sau"), who=each.event.by.account)


Context = tuple[type[Event], tuple[object, ...]]


def _contexts(code: str, reads: Sequence[Read], *, begin: Begin[Item] | Begin[Bag]) -> dict[int, Context]:
    """Return for every step its meaning and what of the state before it the step rests on."""
    found: dict[int, Context] = {}
    thing: Item | Bag | None = None
    for each in reads:
        found[each.step.version] = (type(each.event), () if thing is None else _rests_on(thing, each.event))
        thing = begin(code, each.event) if thing is None else thing.evolve(each.event)
    return found


def _rests_on(thing: Item | Bag, event: Event) -> tuple[object, ...]:
    if isinstance(event, CUSTODY):
        offered: Custodian | None = thing.offered_to
        inside = thing.bag if isinstance(thing, Item) else ""
        seal = bool(thing.seal)
        return (thing.custodian.key, offered.key if offered else "", inside, seal, thing.may(type(event)))
    if isinstance(event, SETTLES_ITSELF):
        wrong = thing.trouble if isinstance(thing, Item) else thing.is_missing
        return (thing.custodian.key, wrong, thing.destination.place)
    return (thing.may(type(event)),)


def _state(code: str, happened: Sequence[Event], *, begin: Begin[Item] | Begin[Bag]) -> Item | Bag:
    thing: Item | Bag = begin(code, happened[0])
    for event in happened[1:]:
        thing = thing.evolve(event)
    return thing


_NAMES: dict[type[Event], str] = {
    events.HandedOver: "bàn giao",
    events.Accepted: "ký nhận",
    events.SignedOnPaper: "ký nhận trên giấy",
    events.Declined: "không nhận",
    events.Recalled: "thu hồi",
    events.Moved: "chuyển nội bộ",
    events.TakenOver: "nhận thay",
    events.Packed: "bỏ vào túi",
    events.Unpacked: "lấy ra khỏi túi",
    events.Disputed: "báo thiếu khi mở túi",
    events.FoundInBag: "thấy trong túi",
    events.Delivered: "phát",
    events.Sealed: "niêm phong",
    events.Found: "đã thấy",
    events.BagPacked: "bỏ vào túi",
    events.BagSealed: "đóng túi",
    events.BagOpened: "mở túi",
    events.BagCounted: "kiểm đếm túi",
    events.Claimed: "điều thiết bị báo",
}
