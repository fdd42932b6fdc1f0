"""How fast labels and receipts are set, as one JSON line: `python -m bench.labels`."""

import itertools
import json
import statistics
import time
from collections.abc import Callable

from labels import label, payload, receipt
from labels.label import ItemLabel
from labels.receipt import Charge, ExpectedAtAuthority, PaperLine, Receipt, ReceiptParty

MANY = 1000
REPEATS = 20


def main() -> None:
    """Print labels a second in one batch of a thousand, and the median milliseconds of one label and one receipt."""
    many = _labels(MANY)
    label.label_pdf(many[:1])  # fonts are found once; a server has found them long ago
    batch = _seconds(lambda: label.label_pdf(many))
    each = iter(_labels(REPEATS))
    figures = {
        "labels": MANY,
        "labels_per_second": round(MANY / batch),
        "one_label_ms": _median_ms(lambda: label.label_pdf([next(each)])),
        "receipt_two_copies_ms": _median_ms(lambda: receipt.receipt_pdf(_receipt(next(_numbers)))),
    }
    print(json.dumps(figures))


_numbers = itertools.count()


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _median_ms(work: Callable[[], object]) -> float:
    return round(statistics.median(_seconds(work) for _ in range(REPEATS)) * 1000, 1)


def _labels(count: int) -> list[ItemLabel]:
    """Return labels that all differ, so that nothing is remembered from one to the next."""
    ends = itertools.islice(itertools.product(payload.ALPHABET, repeat=4), count)
    return [
        ItemLabel(
            code=f"P3FHJ8{''.join(end)}",
            headline=f"HỒ SƠ {number} tờ",
            destination=f"Trung tâm Phục vụ hành chính công phường Hòa Khánh, TP. Đà Nẵng, bàn {number}",
            time="16/11/2026 09:05",
            office="Bưu điện trung tâm Đà Nẵng",
        )
        for number, end in enumerate(ends)
    ]


def _receipt(number: int) -> Receipt:
    return Receipt(
        code="7K2M4-9RTBQ",
        public_url="https://hoso.example.vn",
        secret="7K2M49RTBQP3FHJ8QXV9T9C4N7MBK",  # noqa: S106 - made up
        office="Bưu điện trung tâm Đà Nẵng",
        sender=ReceiptParty(
            name=f"Nguyễn Thị Hồng Nhung {number}", address="Tổ 5, phường Hòa Khánh", phone="0905123456"
        ),
        receiver=ReceiptParty(name="Trung tâm Phục vụ hành chính công", address="24 Trần Phú, phường Hải Châu"),
        service="Gửi hồ sơ và nhận kết quả",
        procedure="Cấp bản sao trích lục hộ tịch (2.000635)",
        papers=tuple(PaperLine(name=f"Giấy tờ số {paper}", originals=1, copies=paper) for paper in range(1, 9)),
        received_at="09:05, thứ Hai, 16/11/2026",
        received_place="Bưu điện trung tâm Đà Nẵng",
        method="Nhận tại quầy",
        weight="85 g",
        item_code="P3FHJ-8QXV9",
        seal_number=str(number),
        quality="Giao đến cơ quan chậm nhất sau 3 ngày làm việc",
        promise=ExpectedAtAuthority("thứ Năm, 19/11/2026"),
        charges=(Charge(name="Cước bưu chính", amount=30_000, payment="Tiền mặt"),),
        rights=("Người gửi được đổi người nhận hoặc rút hồ sơ khi chưa phát.",),
        liability=("Chậm so với thời gian công bố: hoàn lại cước đã thu.",),
        hotline="1900 0000",
        clerk="Trần Thị Lan",
    )


if __name__ == "__main__":
    main()
