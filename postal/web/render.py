"""Templates: one name, `page`, and the `layout` every page has. A name that is not there is an error, not a blank."""

from dataclasses import dataclass
from pathlib import Path

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from postal.domain import people, permissions
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.web import security
from postal.web.filters import FILTERS

TEMPLATES = Path(__file__).resolve().parent.parent.parent / "templates"

environment = Environment(
    loader=FileSystemLoader(TEMPLATES),
    undefined=StrictUndefined,
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)
environment.filters.update(FILTERS)


@dataclass(frozen=True, kw_only=True, slots=True)
class MenuEntry:
    """A link of the staff menu."""

    href: str
    label: str
    is_here: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """What every page shows around its content."""

    actor: Actor | None
    roles: str
    csrf: str
    hotline: str
    is_demo: bool
    tiles: str
    tiles_credit: str
    menu: tuple[MenuEntry, ...]
    said: str


MENU: tuple[tuple[str, str, Permission], ...] = (
    ("/counter", "Quầy", Permission.REGISTER),
    ("/dossiers/new", "Hồ sơ mới (F2)", Permission.REGISTER),
    ("/supplements", "Nhận bổ sung", Permission.TAKE_SUPPLEMENT),
    ("/digitise", "Số hóa", Permission.DIGITISE),
    ("/bench", "Bàn quét", Permission.HAND_OVER),
    ("/bags/new", "Đóng túi (F9)", Permission.PACK_BAG),
    ("/bags", "Túi (F4)", Permission.SEE_DOSSIERS),
    ("/trips", "Chuyến thư", Permission.RUN_DISPATCH),
    ("/handovers", "Bàn giao", Permission.HAND_OVER),
    ("/desk", "Một cửa", Permission.DECIDE),
    ("/register", "Sổ theo dõi", Permission.RECEIVE_OFFICIALLY),
    ("/results/new", "Đăng ký kết quả", Permission.REGISTER_RESULT),
    ("/intake", "Nhận kết quả", Permission.TAKE_RESULTS),
    ("/sorting", "Chia tuyến phát", Permission.SORT_RESULTS),
    ("/runs", "Tuyến phát", Permission.PLAN_RUN),
    ("/addresses", "Vị trí địa chỉ", Permission.PLACE_DOORS),
    ("/pickups", "Trả tại bưu cục", Permission.INVITE),
    ("/home-pickups", "Thu gom tại nhà", Permission.ARRANGE_PICKUP),
    ("/find", "Tra cứu cho khách", Permission.FIND_CITIZEN),
    ("/today", "Chuyến của tôi", Permission.DELIVER),
    ("/money", "Quỹ", Permission.COUNT_TILL),
    ("/money/in", "Nhận tiền", Permission.RECEIVE_MONEY),
    ("/incidents", "Sự cố", Permission.SEE_DOSSIERS),
    ("/late", "Trễ hẹn", Permission.SEE_DOSSIERS),
    ("/shift", "Ca làm việc", Permission.CHANGE_SHIFT),
    ("/messages", "Tin nhắn", Permission.SEE_MESSAGES),
    ("/quarantine", "Việc ngoại tuyến", Permission.SETTLE_INCIDENT),
    ("/devices", "Thiết bị", Permission.MANAGE_DEVICES),
    ("/procedures", "Danh mục thủ tục", Permission.SEE_DOSSIERS),
    ("/tariffs", "Bảng giá", Permission.MANAGE_CATALOGUE),
    ("/competence", "Ai giải quyết", Permission.SEE_DOSSIERS),
    ("/lanes", "Tuyến chuyển", Permission.MANAGE_CATALOGUE),
    ("/delegations", "Ủy quyền", Permission.MANAGE_CATALOGUE),
    ("/successions", "Đơn vị kế thừa", Permission.MANAGE_CATALOGUE),
    ("/audit", "Nhật ký", Permission.SEE_AUDIT),
)
"""The staff menu: who has the permission sees the link."""


def page(request: Request, template: str, page: object, *, status: int = 200, said: str = "") -> HTMLResponse:
    """Return a template filled with one page value."""
    text = environment.get_template(template).render(page=page, layout=_layout(request, said=said))
    return HTMLResponse(text, status_code=status)


def _layout(request: Request, *, said: str) -> Layout:
    actor: Actor | None = getattr(request.state, "actor", None)
    settings = request.app.state.settings
    return Layout(
        actor=actor,
        roles=people.role_names(actor.roles) if actor else "",
        csrf=security.csrf_token(request),
        hotline=settings.hotline,
        is_demo=settings.demo,
        tiles=settings.tiles,
        tiles_credit=settings.tiles_credit,
        menu=_menu(actor, path=request.url.path),
        said=said or request.query_params.get("said", ""),
    )


def _menu(actor: Actor | None, *, path: str) -> tuple[MenuEntry, ...]:
    if actor is None:
        return ()
    return tuple(
        MenuEntry(href=href, label=label, is_here=path == href)
        for href, label, permission in MENU
        if permissions.may(actor, permission)
    )
