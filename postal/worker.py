"""Pays what is owed to the outside world: messages to citizens. It runs inside `serve`, or as a process of its own."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime

from postal.domain.refusals import Refused
from postal.gateways.sms import ConsoleSms, HttpSms, Sms
from postal.services import messages
from postal.settings import Settings
from postal.store import Store
from postal.store.registers import Notice

EVERY_SECONDS = 3.0

Send = Callable[[Notice], None]

_log = logging.getLogger("postal.worker")


class NoGateway(Refused):
    """In production messages carry true PINs, which must not end on a screen or in a log."""

    code = "no_gateway"
    vi = "Chưa có cổng tin nhắn. Đặt POSTAL_SMS_URL; cho đến lúc đó tin nhắn được giữ lại, chưa gửi."
    en = "There is no message gateway. Set POSTAL_SMS_URL; until then messages are kept."


def sender(settings: Settings, *, write: Callable[[str], None]) -> Send:
    """Return what sends a message: the gateway of the settings, or `write` where there is none.

    Raises: NoGateway in production, UnsafeGateway.
    """
    gateway = _gateway(settings, write=write)

    def send(notice: Notice) -> None:
        gateway.send(to=notice.to, text=notice.text, reference=notice.id)

    return send


def pay_once(store: Store, send: Send, *, clock: Callable[[], datetime]) -> int:
    """Send everything that is due now and return how many messages went out."""
    total = 0
    while paid := messages.pay(store, send, at=clock()):
        total += paid
    return total


def run(
    store: Store,
    send: Send,
    *,
    clock: Callable[[], datetime],
    stop: threading.Event,
    seconds: float = EVERY_SECONDS,
) -> None:
    """Send what is due every few seconds until `stop` is set; a round that breaks is told and tried again."""
    while not stop.is_set():
        try:
            pay_once(store, send, clock=clock)
        except Exception as error:  # noqa: BLE001 - a worker that dies unseen pays nobody; the next round tries again
            _log.error("Một lượt gửi tin nhắn không xong (%s); sẽ thử lại.", type(error).__name__)
        stop.wait(seconds)


def start_as_set(
    store: Store,
    settings: Settings,
    *,
    clock: Callable[[], datetime],
    stop: threading.Event,
    write: Callable[[str], None],
) -> threading.Thread | None:
    """Run in a thread of this process until `stop` is set; None when the settings say otherwise."""
    if not settings.worker:
        return None
    try:
        send = sender(settings, write=write)
    except NoGateway as without:
        write(str(without))
        return None
    thread = threading.Thread(
        target=run, args=(store, send), kwargs={"clock": clock, "stop": stop}, name="postal-worker", daemon=True
    )
    thread.start()
    return thread


def _gateway(settings: Settings, *, write: Callable[[str], None]) -> Sms:
    if settings.sms_url:
        return HttpSms(settings.sms_url, token=settings.sms_token)
    if settings.production:
        raise NoGateway
    return ConsoleSms(write)
