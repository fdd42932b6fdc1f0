"""How fast forms are set and a register is exported, as one JSON line: `python -m bench.forms`.

A month of 20,000 dossiers is received in a database of its own, with people and numbers as the product gives them. It
is told from there as a workbook and as CSV (the quickest of three), and on paper; beside the seconds that passed stand
those the processor worked. Each form is set several times, each time as if it were a new one: what Typst keeps of the
last time is dropped before. The very first time, which also finds the fonts, is stated apart.
A thousand receipts of money go into one file.
"""

import dataclasses
import functools
import itertools
import json
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from labels import (
    apology,
    bag_label,
    control_slip,
    guidance,
    handover,
    incident_record,
    invitation,
    manifest,
    money_list,
    money_receipt,
    payload,
    receipt,
    reception_slip,
    refusal_slip,
    register_book,
    result_handover,
    result_slip,
    runsheet,
    stop_notice,
    supplement_request,
    typesetting,
)
from labels.manifest import Manifest, ManifestLine
from postal.domain.codes import CodeKind
from postal.domain.dossier import Dossier
from postal.domain.events import OfficiallyReceived
from postal.domain.people import Person
from postal.printing import legal
from postal.queries import register
from postal.queries.register import RegisterPrint
from postal.services import catalogue
from postal.store import Store, sqlite_url
from tests import cast, databases
from tests.labels import forms, mau, test_bag_label, test_incident_record, test_money, test_result_slip

ROWS, BATCH = 20_000, 1_000
EXPORT_SECONDS, FORM_SECONDS = 5.0, 0.3
MOST_MEGABYTES = 1_000
REPEATS = 7
RECEIPTS = 1_000
EXPORTS = 3
MONTH = 11

MANIFEST = Manifest(
    code="T9C4N-7MBKP",
    origin="Bưu điện trung tâm Đà Nẵng",
    destination=forms.LONGEST_DESK,
    seal="701234",
    weight_g=1200,
    time="10:20, 17/11/2026",
    packer="Trần Thị Lan",
    lines=tuple(ManifestLine(item_code="P3FHJ-8QXV9", carries="Hồ sơ nộp", sheets=3) for _ in range(25)),
)

FORMS: dict[str, Callable[[], bytes]] = {
    "mau-01": lambda: reception_slip.reception_slip_pdf(mau.RECEPTION),
    "mau-01 (2018)": lambda: reception_slip.reception_slip_pdf(dataclasses.replace(mau.RECEPTION, counts_apart=True)),
    "mau-02": lambda: supplement_request.supplement_request_pdf(mau.SUPPLEMENT),
    "mau-03": lambda: refusal_slip.refusal_slip_pdf(mau.REFUSAL),
    "mau-04": lambda: apology.apology_pdf(mau.APOLOGY),
    "mau-05": lambda: stop_notice.stop_notice_pdf(mau.STOP),
    "mau-06": lambda: control_slip.control_slip_pdf(mau.CONTROL),
    "mau-07 (100 lines)": lambda: register_book.register_pdf(
        dataclasses.replace(mau.REGISTER, lines=(mau.LINE,) * 100)
    ),
    "phieu-gui": lambda: receipt.receipt_pdf(forms.RECEIPT),
    "phieu-gui ket-qua": lambda: result_slip.result_slips_pdf([test_result_slip.SLIP]),
    "phieu-huong-dan": lambda: guidance.guidance_pdf(forms.GUIDANCE),
    "bien-ban-giao-nhan": lambda: handover.handover_pdf(forms.HANDOVER),
    "phieu-ban-giao-ket-qua": lambda: result_handover.result_handover_pdf(mau.RESULTS),
    "giay-moi": lambda: invitation.invitation_pdf([forms.INVITATION]),
    "bien-lai": lambda: money_receipt.receipt_pdf(test_money.RECEIPT),
    "bang-ke-tien": lambda: money_list.list_pdf(test_money.LIST),
    "bien-ban-su-co": lambda: incident_record.incident_record_pdf(test_incident_record.INCIDENT),
    "bang-ke-tui": lambda: manifest.manifest_pdf(MANIFEST),
    "nhan-tui": lambda: bag_label.bag_label_pdf([test_bag_label.LABEL]),
    "danh-sach-phat": lambda: runsheet.runsheet_pdf(forms.RUN),
}


def main() -> None:
    """Print the seconds of each export and each form, the rate of receipts, and whether all of it is quick enough."""
    cold, medians = _forms()
    receipts = _receipts()
    exports = _exports()
    is_quick = all(exports[kind] < EXPORT_SECONDS for kind in ("xlsx_seconds", "csv_seconds"))
    is_small = exports["peak_memory_megabytes"] < MOST_MEGABYTES
    figures = {
        "ok": is_quick and is_small and exports["rows"] == ROWS and max(medians.values()) < FORM_SECONDS,
        **exports,
        "forms": len(medians),
        "first_form_cold_seconds": cold,
        "slowest_form": max(medians, key=lambda name: medians[name]),
        "slowest_form_seconds": max(medians.values()),
        "form_seconds": medians,
        **receipts,
        "load_average": round(os.getloadavg()[0], 1),
        "cores": os.cpu_count(),
    }
    print(json.dumps(figures, ensure_ascii=False))


# --- forms ------------------------------------------------------------------------------------------------------------


def _forms() -> tuple[float, dict[str, float]]:
    """Return the seconds of the very first form, and the middle one of several for each, without its own first."""
    cold = _seconds(next(iter(FORMS.values())))
    medians = {}
    for name, make in FORMS.items():
        make()
        medians[name] = round(statistics.median(_anew(make) for _ in range(REPEATS)), 4)
    return round(cold, 3), medians


def _anew(make: Callable[[], bytes]) -> float:
    """Return the seconds a form takes of which nothing is remembered."""
    typesetting.forget()
    return _seconds(make)


def _receipts() -> dict[str, Any]:
    """Return how long a thousand receipts, three copies each, take in one file."""
    ends = itertools.islice(itertools.product(payload.ALPHABET, repeat=3), RECEIPTS)
    many = [
        dataclasses.replace(test_money.RECEIPT, number=f"BQP6GRM{''.join(end)}", payer=f"Nguyễn Văn {number}")
        for number, end in enumerate(ends)
    ]
    content, seconds, _ = _timed(lambda: money_receipt.receipts_pdf(many))
    return {
        "receipts": RECEIPTS,
        "receipts_seconds": seconds,
        "receipts_per_second": round(RECEIPTS / seconds),
        "receipts_megabytes": round(len(content) / 1e6, 1),
    }


# --- the register -----------------------------------------------------------------------------------------------------


def _exports() -> dict[str, Any]:
    """Return how long a month's register takes from the database to each kind of file."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(sqlite_url(Path(folder) / "register.db"), secret_key=databases.SECRET_KEY)
        try:
            store.migrate()
            catalogue.seed(store, at=cast.monday)
            _, filled, _ = _timed(lambda: _fill(store))
            return {"made_rows_seconds": filled, **_export(store)}
        finally:
            store.close()


def _export(store: Store) -> dict[str, Any]:
    made: dict[str, Any] = {"rows": len(_told(store).lines)}
    makers = {"xlsx": legal.register_xlsx, "csv": legal.register_csv, "pdf": legal.register_pdf}
    for kind, make in makers.items():
        tries = 1 if kind == "pdf" else EXPORTS
        runs = [_timed(functools.partial(_file, store, make)) for _ in range(tries)]
        quickest = min(runs, key=lambda run: run[1])
        made |= {
            f"{kind}_seconds": quickest[1],
            f"{kind}_cpu_seconds": quickest[2],
            f"{kind}_megabytes": round(len(quickest[0]) / 1e6, 1),
        }
    return made | {"peak_memory_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}


def _file(store: Store, make: Callable[[RegisterPrint], bytes]) -> bytes:
    return make(_told(store))


def _told(store: Store) -> RegisterPrint:
    return register.register_print(
        store, cast.DESK, actor=cast.hoa, at=cast.after(days=20), year=2026, serial=1, month=MONTH
    )


def _fill(store: Store) -> None:
    """Receive a month's dossiers: each opened at the counter, with its citizen, and numbered by the desk."""
    codes = cast.codes_of(CodeKind.DOSSIER, seed=7)
    for start in range(0, ROWS, BATCH):
        at = cast.monday + timedelta(minutes=start // BATCH * 30)
        numbers = range(start, start + BATCH)
        with store.begin(at=at) as ledger:
            opened = [(next(codes), dataclasses.replace(cast.opened(), occurred_at=at)) for _ in numbers]
            begun = ledger.begin_all(Dossier, opened)
            for number, dossier in zip(numbers, begun, strict=True):
                ledger.people.put(dossier.code, "sender", _citizen(number))
            ledger.append_all(list(_receptions(begun, numbers, at=at)))


def _receptions(
    begun: Sequence[Dossier], numbers: Sequence[int], *, at: datetime
) -> Iterator[tuple[Dossier, OfficiallyReceived]]:
    for number, dossier in zip(numbers, begun, strict=True):
        yield (
            dossier,
            dossier.receive(
                official_code=f"H48.17-261116-{number:05d}",
                limit=None,
                started_at=at,
                start_basis="hai bên ký biên bản giao nhận",
                promised_at=at + timedelta(days=5),
                by=cast.hoa,
                at=at,
            ),
        )


def _citizen(number: int) -> Person:
    return Person(
        name=f"Nguyễn Thị Hồng Nhung {number}",
        identity_number=f"0482{number:08d}",
        phone=f"+8490{number:07d}",
        address=f"{number % 300 + 1} Nguyễn Lương Bằng, tổ {number % 40 + 1}",
        commune=("20242", "20257")[number % 2],
    )


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _timed(work: Callable[[], Any]) -> tuple[Any, float, float]:
    """Return what was made, the seconds that passed, and those the processor worked for it."""
    begun, worked = time.perf_counter(), time.process_time()
    made = work()
    return made, round(time.perf_counter() - begun, 2), round(time.process_time() - worked, 2)


if __name__ == "__main__":
    main()
