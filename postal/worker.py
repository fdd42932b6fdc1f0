"""Pays what is owed: messages to citizens, what devices did that still waits, questions about what is silent.

It runs inside `serve`, or as a process of its own.
"""

import logging
import secrets
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from postal.domain import calendars, dwell, notices, sending
from postal.domain.dwell import Dwell, Stage
from postal.domain.map_servers import MapServer
from postal.domain.refusals import Refused
from postal.domain.scanning import ShelfUnreachable
from postal.domain.sending import NEVER_QUIET, PATIENCE, Channel, NotTaken, Patience, QuietHours
from postal.domain.solving import BEAT, Progress, Result, Trouble
from postal.domain.solving import Stage as SolvingStage
from postal.gateways import geocoding
from postal.gateways.geocoding import Geocoder
from postal.gateways.mail import ConsoleMail, Mail, SmtpMail
from postal.gateways.sms import ConsoleSms, HttpSms, Sms
from postal.queries import addresses as address_queries
from postal.queries import messages as message_queries
from postal.queries import silence as silence_queries
from postal.queries.addresses import Unasked
from postal.services import addresses, entries, learning, messages, scan_folder, silence, solving, sweeping
from postal.services.improving import Begun
from postal.services.scan_folder import Looked, NoSuchFolder
from postal.services.shelving import Shelf
from postal.services.solving import Prepared
from postal.settings import Settings
from postal.store import Store
from postal.store.registers import Notice

EVERY_SECONDS = 3.0
AT_A_TIME = 40
"""Messages that are looked up together; whoever waits at a counter waits behind so many at most."""

SENDERS = 4
"""Messages that are on their way to a gateway at once, so that a slow answer holds up few others."""

LATE_AT_A_TIME = 200
"""Open dossiers that are looked at together for lateness, so that nobody else waits long."""

SILENT_AT_A_TIME = 200
"""Envelopes and bags that are looked at together for silence."""

DOORS_AT_A_TIME = 100
"""Envelopes whose doors are looked at together for one that nobody knows."""

LOOKS_FOR_DOORS_EVERY = timedelta(hours=1)
"""How soon new envelopes are looked at: a round is laid out in the morning for what came the day before."""

LETS_A_SERVER_REST = timedelta(minutes=10)

SOLVES_EVERY = 0.5
"""Seconds between two looks at the plans that are worked out, and at what waits for that."""

LATE, HANGS = timedelta(seconds=10), timedelta(seconds=40)
"""How long after its time a plan is asked to stop, and how long after it its process is ended."""

LEAVES_WITHIN = 10.0
"""Seconds that giving back what is being worked out may take."""

Clock = Callable[[], datetime]

_log = logging.getLogger("postal.worker")


class NoGateway(Refused):
    """In production messages carry true PINs, which must not end on a screen or in a log."""

    code = "no_gateway"
    vi = (
        "Chưa có cổng gửi tin. Đặt POSTAL_SMS_URL (tin nhắn) và POSTAL_SMTP_URL (thư điện tử); "
        "cho đến lúc đó tin được giữ lại, chưa gửi."
    )
    en = "There is no message gateway. Set POSTAL_SMS_URL and POSTAL_SMTP_URL; until then messages are kept."


@dataclass(frozen=True, kw_only=True, slots=True)
class Sender:
    """What sends messages: by which channels, in which hours, how patiently. `send` is given the time as well."""

    send: Callable[[Notice, datetime], None]
    channels: frozenset[Channel] = messages.BOTH
    quiet: QuietHours = NEVER_QUIET
    patience: Patience = PATIENCE


@dataclass(slots=True)
class Keeping:
    """What looks after files: where they lie, which folder scanners write to, when it was swept last, what is stuck."""

    shelf: Shelf
    folder: Path | None = None
    swept_on: date | None = None
    stuck: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class Round:
    """Where the daily look for late dossiers stands: for which day, and after which code it goes on."""

    day: date | None = None
    last: str = ""
    is_done: bool = field(default=False)


@dataclass(slots=True)
class Survey:
    """Where the look for doors nobody knows stands: after which code, which are still to be asked for, not before when.

    Without a geocoder only codes that stand in addresses are read.
    """

    geocoder: Geocoder | None = None
    pause: timedelta = timedelta(seconds=2)
    last: str = ""
    queue: list[Unasked] = field(default_factory=list)
    looks_at: datetime | None = None
    asks_at: datetime | None = None


@dataclass(slots=True)
class Watch:
    """Where the look for silence stands: after which code it goes on, by which measures, taken on which day."""

    last: str = ""
    limits: dict[Stage, Dwell] = field(default_factory=lambda: dict(dwell.USUAL))
    day: date | None = None


@dataclass(slots=True)
class Lessons:
    """Which offices still learn today from the runs they closed."""

    day: date | None = None
    waiting: list[str] = field(default_factory=list)


class Working(Protocol):
    """A plan that is being worked out, wherever that is."""

    @property
    def progress(self) -> Progress | None: ...

    def look(self) -> Result | Trouble | None: ...

    def ask_to_stop(self) -> None: ...

    def kill(self) -> None: ...


@dataclass(slots=True)
class _Work:
    """A plan that is being worked out in a process of its own."""

    prepared: Prepared
    begun: Working
    began_at: datetime
    noted_at: datetime
    is_asked_to_stop: bool = False


@dataclass(slots=True)
class Solver:
    """What works out plans, at most so many at a time; `begin` starts a process for one."""

    name: str
    at_most: int = 1
    server: MapServer | None = None
    begin: Callable[[Prepared], Working] = Begun
    running: dict[str, _Work] = field(default_factory=dict)
    claims: int = 0


def sender(settings: Settings, *, write: Callable[[str], None], patience: Patience = PATIENCE) -> Sender:
    """Return what sends messages: the gateways of the settings, or `write` where there is none.

    In production a channel without a gateway sends nothing: its messages wait.

    Raises: NoGateway in production without any, UnsafeGateway, UnsafeMailServer, NoMailFrom, WrongQuietHours.
    """
    quiet = sending.quiet_hours(settings.quiet_hours)
    sms, mail = _sms(settings, write=write), _mail(settings, write=write)
    channels = {channel for channel, found in ((Channel.SMS, sms), (Channel.MAIL, mail)) if found is not None}
    if not channels:
        raise NoGateway
    send = _sending(settings, sms=sms, mail=mail)
    return Sender(send=send, channels=frozenset(channels), quiet=quiet, patience=patience)


def patience(*, claim: float, pause: float) -> Patience:
    """Return how messages are tried, from the seconds of a claim and of the first pause; the longest grows with it."""
    first = timedelta(seconds=pause)
    longest = PATIENCE.longest_pause / PATIENCE.first_pause * first
    return Patience(claim=timedelta(seconds=claim), first_pause=first, longest_pause=longest)


def pay_once(store: Store, by: Sender, *, clock: Clock) -> int:
    """Send everything that is due now and return how many messages went out."""
    total = 0
    with ThreadPoolExecutor(SENDERS, thread_name_prefix="postal-sender") as pool:
        while due := _due(store, by, at=clock()):
            total += sum(pool.map(lambda notice: _pay(store, notice, by, clock=clock), due))
    return total


def look_for_late(store: Store, round_: Round, *, clock: Clock, quiet: QuietHours = NEVER_QUIET) -> None:
    """Owe messages about what is late, a part of all open dossiers at each call, all of them once a day.

    A due day is missed when the day is over, so once a day is enough; after a restart the day begins again, and nobody
    is told twice.
    """
    at = clock()
    today = calendars.local(at).date()
    if round_.day != today:
        round_.day, round_.last, round_.is_done = today, "", False
    if round_.is_done or quiet.hold(at):
        return
    found = message_queries.late_after(store, round_.last, at=at, limit=LATE_AT_A_TIME)
    messages.owe_late(store, found.late, at=at)
    round_.last, round_.is_done = found.last, not found.last


def look_for_silence(
    store: Store, watch: Watch, *, clock: Clock, below: Callable[[int], int] = secrets.randbelow
) -> None:
    """Ask about every trip that is overdue and about a part of what lies silent; end what something has answered.

    What is usual is measured anew once a day from what the ledger has seen.
    """
    at = clock()
    today = calendars.local(at).date()
    if watch.day != today:
        watch.day, watch.limits = today, dwell.measured(silence_queries.past(store, at=at))
    silence.end(store, silence_queries.answered(store, at=at), at=at)
    silence.ask(store, silence_queries.overdue_trips(store, at=at), at=at, below=below)
    found = silence_queries.silent_after(store, watch.last, limits=watch.limits, at=at, limit=SILENT_AT_A_TIME)
    silence.ask(store, found.questions, at=at, below=below)
    watch.last = found.last


def look_to_learn(store: Store, lessons: Lessons, *, clock: Clock) -> None:
    """Let one office a call learn from its closed runs, each once a day, so that nobody else waits long."""
    at = clock()
    today = calendars.local(at).date()
    if lessons.day != today:
        lessons.day, lessons.waiting = today, learning.due(store, at=at)
    if lessons.waiting:
        learning.learn(store, lessons.waiting.pop(0), at=at)


def survey(settings: Settings) -> Survey:
    """Return what looks for doors, with the server of the settings. Raises: WrongMapServer."""
    server = settings.address_server
    if server is None:
        return Survey()
    return Survey(geocoder=geocoding.geocoder(server), pause=server.pause)


def look_for_doors(store: Store, survey: Survey, *, clock: Clock) -> None:
    """Ask a server for one door nobody knows, outside any transaction; when none is left, look for more.

    A server that gives no answer rests for a while; what it was asked then is asked again with the next look.
    """
    at = clock()
    if survey.queue:
        if survey.geocoder is not None and (survey.asks_at is None or at >= survey.asks_at):
            survey.asks_at = at + survey.pause
            _ask_for(store, survey, survey.queue.pop(0), survey.geocoder, clock=clock)
    elif survey.looks_at is None or at >= survey.looks_at:
        _look_further(store, survey, at=at)


def _ask_for(store: Store, survey: Survey, unasked: Unasked, geocoder: Geocoder, *, clock: Clock) -> None:
    try:
        found = geocoder.find(unasked.asked)
    except NotTaken as fault:
        _log.warning("%s Nghỉ một lúc rồi hỏi lại.", fault)
        survey.asks_at = clock() + LETS_A_SERVER_REST
        return
    addresses.note_answer(store, unasked.door, found, at=clock())


def _look_further(store: Store, survey: Survey, *, at: datetime) -> None:
    """Read the codes in some addresses; what has none is to be asked for."""
    found = address_queries.unasked_after(store, survey.last, at=at, limit=DOORS_AT_A_TIME)
    read = addresses.read_codes(store, [each.door for each in found.doors], at=at)
    if survey.geocoder is not None:
        survey.queue = [each for each in found.doors if each.door not in read]
    survey.last = found.last
    survey.looks_at = None if found.last else at + LOOKS_FOR_DOORS_EVERY


def run_survey(store: Store, survey: Survey, *, clock: Clock, stop: threading.Event, seconds: float) -> None:
    """Look for doors until `stop` is set."""
    _again(lambda: look_for_doors(store, survey, clock=clock), "tìm vị trí địa chỉ", stop=stop, seconds=seconds)


def _again(look: Callable[[], object], what: str, *, stop: threading.Event, seconds: float) -> None:
    """Look again and again until `stop` is set; what breaks is told and tried again."""
    while not stop.is_set():
        try:
            look()
        except Exception as error:  # noqa: BLE001 - a worker that dies unseen pays nobody
            _log.error("Một lượt %s không xong (%s); sẽ thử lại.", what, type(error).__name__)
        stop.wait(seconds)


def keeping(settings: Settings, shelf: Shelf) -> Keeping:
    """Return what looks after the files of the settings."""
    return Keeping(shelf=shelf, folder=Path(settings.scan_folder) if settings.scan_folder else None)


def look_after_files(store: Store, keeping: Keeping, *, clock: Clock) -> None:
    """Take in what scanners wrote, and once a day forget the files that nothing refers to."""
    at = clock()
    try:
        if keeping.folder is not None:
            _tell(scan_folder.look(store, keeping.shelf, keeping.folder, at=at), keeping)
        today = calendars.local(at).date()
        if keeping.swept_on != today:
            sweeping.sweep(store, keeping.shelf, at=at)
            keeping.swept_on = today
    except (NoSuchFolder, ShelfUnreachable) as refused:
        _log.warning("%s", refused)


def _tell(looked: Looked, keeping: Keeping) -> None:
    """Tell what came of a look; what is stuck is told once, not with every look."""
    if looked.files or looked.refused:
        _log.warning("Nhận %d tệp quét, %d trang; %d tệp để riêng.", looked.files, looked.pages, len(looked.refused))
    for name, why in set(looked.stuck) - set(keeping.stuck):
        _log.warning("Tệp quét %s: %s", name, why)
    keeping.stuck = looked.stuck


def run_files(store: Store, keeping: Keeping, *, clock: Clock, stop: threading.Event, seconds: float) -> None:
    """Look after files every few seconds until `stop` is set."""
    _again(lambda: look_after_files(store, keeping, clock=clock), "nhận tệp quét", stop=stop, seconds=seconds)


def run(
    store: Store,
    by: Sender | None,
    *,
    clock: Clock,
    stop: threading.Event,
    seconds: float = EVERY_SECONDS,
    keeping: Keeping | None = None,
    solver: Solver | None = None,
    survey: Survey | None = None,
) -> None:
    """Send what is due and ask about what is silent every few seconds until `stop` is set.

    A round that breaks is told and tried again. Without a sender messages wait, and everything else goes on.
    """
    late, watch, lessons = Round(), Watch(), Lessons()
    beside = {"clock": clock, "stop": stop, "seconds": seconds}
    if keeping is not None:  # beside, because a stack of papers takes longer than somebody waits for a PIN
        threading.Thread(
            target=run_files, args=(store, keeping), kwargs=beside, name="postal-files", daemon=True
        ).start()
    if survey is not None:  # beside, because a server for addresses may take its time
        threading.Thread(
            target=run_survey, args=(store, survey), kwargs=beside, name="postal-addresses", daemon=True
        ).start()
    solving_beside = _solving_beside(store, solver, clock=clock, stop=stop) if solver is not None else None
    try:
        _again(
            lambda: _round(store, by, late=late, watch=watch, lessons=lessons, clock=clock),
            "gửi tin nhắn",
            stop=stop,
            seconds=seconds,
        )
    finally:
        if solving_beside is not None:
            stop.set()  # also after Ctrl-C: what is being worked out goes back, so that another worker takes it
            solving_beside.join(timeout=LEAVES_WITHIN)


def _round(store: Store, by: Sender | None, *, late: Round, watch: Watch, lessons: Lessons, clock: Clock) -> None:
    """Send and ask once."""
    if by is not None:
        pay_once(store, by, clock=clock)
        look_for_late(store, late, clock=clock, quiet=by.quiet)
    entries.look_after(store, at=clock(), below=secrets.randbelow)
    look_for_silence(store, watch, clock=clock)
    look_to_learn(store, lessons, clock=clock)


def start_as_set(
    store: Store,
    settings: Settings,
    *,
    clock: Clock,
    stop: threading.Event,
    write: Callable[[str], None],
    shelf: Shelf | None = None,
) -> threading.Thread | None:
    """Run in a thread of this process until `stop` is set; None when the settings say otherwise."""
    if not settings.worker:
        return None
    by: Sender | None = None
    try:
        by = sender(settings, write=write)
    except NoGateway as without:
        write(str(without))
    kept = keeping(settings, shelf) if shelf is not None else None
    thread = threading.Thread(
        target=run,
        args=(store, by),
        kwargs={
            "clock": clock,
            "stop": stop,
            "keeping": kept,
            "solver": solver(settings),
            "survey": survey(settings),
        },
        name="postal-worker",
        daemon=True,
    )
    thread.start()
    return thread


# --- plans ------------------------------------------------------------------------------------------------------------


def solver(settings: Settings) -> Solver:
    """Return what works out plans, as many at a time as the settings say."""
    return Solver(name=secrets.token_hex(8), at_most=settings.solvers, server=settings.map_server)


def solve_once(store: Store, solver: Solver, *, clock: Clock) -> None:
    """Look once at everything that is being worked out, keep what has ended, and take what waits."""
    for number, work in list(solver.running.items()):
        made = work.begun.look()
        if made is not None:
            del solver.running[number]
            _keep(store, work, made, at=clock())
        elif not _goes_on(store, work, at=clock()):
            del solver.running[number]
            work.begun.kill()
    solving.give_back_silent(store, at=clock())
    while len(solver.running) < solver.at_most and _takes_one(store, solver, at=clock()):
        pass


def leave(store: Store, solver: Solver, *, clock: Clock) -> None:
    """End what is being worked out and let another worker take it."""
    for work in solver.running.values():
        work.begun.kill()
        solving.give_back(store, work.prepared.solving, at=clock())
    solver.running.clear()


def run_solving(
    store: Store, solver: Solver, *, clock: Clock, stop: threading.Event, seconds: float = SOLVES_EVERY
) -> None:
    """Work out plans until `stop` is set; what is not done then is left to other workers."""
    _again(lambda: solve_once(store, solver, clock=clock), "tính phương án", stop=stop, seconds=seconds)
    leave(store, solver, clock=clock)


def _solving_beside(store: Store, solver: Solver, *, clock: Clock, stop: threading.Event) -> threading.Thread:
    """Work out plans beside everything else: a look at them every second must not wait for a gateway."""
    given = {"clock": clock, "stop": stop}
    thread = threading.Thread(
        target=run_solving, args=(store, solver), kwargs=given, name="postal-solving", daemon=True
    )
    thread.start()
    return thread


def _takes_one(store: Store, solver: Solver, *, at: datetime) -> bool:
    """Take the next that waits and begin with it; False when there is none."""
    solver.claims += 1
    found = solving.claim(store, worker=f"{solver.name}.{solver.claims}", at=at)
    if found is None:
        return False
    try:
        prepared = solving.prepare(store, found, at=at, server=solver.server)
        begun = solver.begin(prepared)
    except Refused as refused:
        solving.fail(store, found, why=str(refused), at=at)
        return True
    solver.running[found.id] = _Work(prepared, begun, began_at=at, noted_at=at)
    return True


def _goes_on(store: Store, work: _Work, *, at: datetime) -> bool:
    """Show a sign of life and pass on what people ask for; False when somebody else has it, or it hangs."""
    found = work.prepared.solving
    if at - work.noted_at < BEAT:
        return True
    work.noted_at = at
    stage = solving.note(store, found, work.begun.progress, at=at)
    over = at - work.began_at - timedelta(seconds=found.asked.seconds)
    if over > HANGS:
        solving.fail(store, found, why=Trouble.KILLED, at=at)
        return False
    if not work.is_asked_to_stop and (stage is SolvingStage.STOPPING or over > LATE):
        work.is_asked_to_stop = True
        work.begun.ask_to_stop()
    return stage is not None


def _keep(store: Store, work: _Work, made: Result | Trouble, *, at: datetime) -> None:
    """Keep what came of a plan, or say why nothing did."""
    found = work.prepared.solving
    if isinstance(made, Trouble):
        _log.error("Việc tính phương án %s không xong (%s).", found.id, made.value)
        solving.fail(store, found, why=made, at=at)
        return
    try:
        solving.finish(store, work.prepared, made, at=at)
    except Refused as refused:
        solving.fail(store, found, why=str(refused), at=at)


# --- one message ------------------------------------------------------------------------------------------------------


def _due(store: Store, by: Sender, *, at: datetime) -> Sequence[Notice]:
    return messages.waiting(store, at=at, is_quiet=by.quiet.hold(at), channels=by.channels, limit=AT_A_TIME)


def _pay(store: Store, notice: Notice, by: Sender, *, clock: Clock) -> bool:
    """Claim a message, send it outside every transaction if it is still true, and settle it; True when it went out.

    A worker that dies between sending and settling leaves a claim that runs out: then the message is sent again under
    the same reference.
    """
    if _must_wait(notice, by, at=clock()) or not messages.claim(store, notice, at=clock(), patience=by.patience):
        return False
    why = message_queries.why_untrue(store, notice, at=clock())
    if why:
        messages.settle_dropped(store, notice, why=why, at=clock())
        return False
    error = _tried(notice, by, at=clock())
    if error is not None:
        messages.settle_not_taken(store, notice, error=error, at=clock(), patience=by.patience)
        return False
    messages.settle_sent(store, notice, at=clock())
    return True


def _must_wait(notice: Notice, by: Sender, *, at: datetime) -> bool:
    """Tell whether the quiet hours have begun since the message was looked up."""
    return by.quiet.hold(at) and notices.kind_of(notice.fact) not in notices.AT_ONCE


def _tried(notice: Notice, by: Sender, *, at: datetime) -> OSError | None:
    """Send a message and return what went wrong; a fault of ours counts as a try too, or it would be tried for ever."""
    try:
        by.send(notice, at)
    except OSError as error:
        return error
    except Exception as error:  # noqa: BLE001 - one message that breaks us must not hold up the others
        _log.error("Gửi một tin bị lỗi phần mềm (%s).", type(error).__name__)
        return NotTaken(f"Phần mềm gửi tin bị lỗi ({type(error).__name__}).")
    return None


def _sending(settings: Settings, *, sms: Sms | None, mail: Mail | None) -> Callable[[Notice, datetime], None]:
    host = urlsplit(settings.public_url).netloc

    def send(notice: Notice, at: datetime) -> None:
        kind = notices.kind_of(notice.fact)
        if Channel(notice.channel) is Channel.SMS:
            assert sms is not None
            text = notices.as_sms(notice.text, kind=kind, host=host, hotline=settings.hotline)
            sms.send(to=notice.to, text=text, reference=notice.id)
            return
        assert mail is not None
        subject, body = notices.as_mail(
            notice.text,
            kind=kind,
            dossier=notice.dossier,
            public_url=settings.public_url,
            hotline=settings.hotline,
        )
        mail.send(to=notice.to, subject=subject, body=body, reference=notice.id, at=at)

    return send


def _sms(settings: Settings, *, write: Callable[[str], None]) -> Sms | None:
    if settings.sms_url:
        return HttpSms(settings.sms_url, token=settings.sms_token)
    return None if settings.production else ConsoleSms(write)


def _mail(settings: Settings, *, write: Callable[[str], None]) -> Mail | None:
    if settings.smtp_url:
        return SmtpMail(settings.smtp_url, sender=settings.mail_from)
    return None if settings.production else ConsoleMail(write)
