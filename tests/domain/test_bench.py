"""What a list of scans amounts to: one row a line, nothing silent, and the words of the button that signs."""

import pytest

from postal.domain import bench, codes
from postal.domain.bench import SENTENCES, TONES, Read, Task, Verdict, Work
from postal.domain.codes import CodeKind
from postal.domain.commands import Command
from postal.domain.events import Condition
from postal.domain.policies import WholeBag
from tests import cast

FRESH = cast.codes_of(CodeKind.ITEM, seed=77)
FIVE = tuple(next(FRESH) for _ in range(5))
OTHER, NOBODY = next(FRESH), next(FRESH)
SEAL = Read(shown="881254", seal="881254")
RECEIVING = Task(work=Work.RECEIVE, of=FIVE, bag="TKRNTMXK49", seal="881254")
PACKING = Task(work=Work.PACK, of=FIVE, bag="TKRNTMXK49")


def item(code: str) -> Read:
    """Return the scan of an envelope that is expected."""
    return Read(shown=codes.shown(code), thing=code, verdict=Verdict.OK)


def said(command: Command) -> Read:
    """Return the scan of a command."""
    return Read(shown=command.label, command=command)


STRANGER = Read(shown=codes.shown(OTHER), thing=OTHER, verdict=Verdict.STRANGER)
UNKNOWN = Read(shown=codes.shown(NOBODY), thing=NOBODY, verdict=Verdict.UNKNOWN)
ALL = [item(code) for code in FIVE]
DONE, UNDO, EXTRA = said(Command.DONE), said(Command.UNDO), said(Command.EXTRA)
MISSING, TORN, ELSEWHERE = said(Command.MISSING), said(Command.DAMAGED), said(Command.WRONG_PLACE)


def verdicts(task: Task, *reads: Read) -> list[Verdict]:
    return [row.verdict for row in bench.judge(task, reads).rows]


def test_every_verdict_has_a_tone_and_every_bench_has_words_for_what_it_may_say() -> None:
    assert set(TONES) == set(Verdict)
    only_counting = {Verdict.FULL, Verdict.STRANGER, Verdict.SEAL_DIFFERS, Verdict.EXTRA, Verdict.DAMAGED}
    only_counting |= {Verdict.MISPLACED, Verdict.MISSING, Verdict.SHORT}
    only_giving = {Verdict.WRONG_PLACE, Verdict.UNSEALED, Verdict.ELSEWHERE}
    label = {Verdict.REPRINT}
    assert set(SENTENCES[Work.RECEIVE]) == set(Verdict) - only_giving - label
    assert set(SENTENCES[Work.PACK]) == set(Verdict) - only_counting
    assert set(SENTENCES[Work.LOAD]) == set(Verdict) - only_counting - label | {Verdict.FULL}


def test_a_whole_bag_is_signed_for_once_everything_is_there() -> None:
    judged = bench.judge(RECEIVING, [SEAL, *ALL, DONE])
    assert [row.verdict for row in judged.rows] == [Verdict.SEAL, *[Verdict.OK] * 4, Verdict.FULL, Verdict.END]
    assert judged.rows[-2].sentence.endswith("Đủ 5/5. Quét XONG hoặc nhấn F10 để ký nhận.")
    assert judged.signing == "Ký nhận 5/5"
    assert judged.tally.end == "sign"


def test_what_is_missing_is_named_before_anybody_signs_without_it() -> None:
    judged = bench.judge(RECEIVING, [SEAL, *ALL[:3], DONE])
    assert judged.rows[-1].verdict is Verdict.SHORT
    assert f"Còn 2: {codes.shown(FIVE[3])}, {codes.shown(FIVE[4])} chưa quét." in judged.rows[-1].sentence
    assert judged.tally.end == ""
    assert bench.judge(RECEIVING, [SEAL, *ALL[:3], DONE, DONE]).tally.end == "sign"
    assert bench.judge(RECEIVING, [SEAL, *ALL[:3], MISSING, DONE]).signing == "Ký nhận 3/5, thiếu 2"


def test_a_scan_between_takes_the_question_back() -> None:
    assert verdicts(RECEIVING, SEAL, ALL[0], DONE, ALL[1], DONE)[-1] is Verdict.SHORT
    assert verdicts(RECEIVING, SEAL, ALL[0], DONE, ALL[0], DONE)[-1] is Verdict.SHORT
    assert verdicts(RECEIVING, SEAL, ALL[0], MISSING, ALL[1], DONE)[-1] is Verdict.SHORT


def test_nothing_is_signed_before_the_seal_was_looked_at() -> None:
    assert verdicts(RECEIVING, *ALL, DONE)[-1] is Verdict.NEED_SEAL
    judged = bench.judge(RECEIVING, ALL)
    assert not judged.is_ready
    assert bench.judge(Task(work=Work.RECEIVE, of=FIVE, seal="881254", given="881254"), ALL).is_complete


def test_another_seal_is_said_and_asked_about_and_can_be_read_again() -> None:
    wrong = Read(shown="881245", seal="881245")
    judged = bench.judge(RECEIVING, [wrong, *ALL])
    assert judged.rows[0].sentence.startswith("Niêm phong không khớp: trên túi 881245, bảng kê 881254.")
    assert judged.signing == "Ký nhận 5/5, niêm phong không khớp"
    assert not judged.is_complete
    assert verdicts(RECEIVING, wrong, SEAL) == [Verdict.SEAL_DIFFERS, Verdict.SEAL]
    assert verdicts(RECEIVING, wrong, *ALL, DONE, DONE)[-2:] == [Verdict.SHORT, Verdict.END]


def test_the_same_envelope_counts_once() -> None:
    judged = bench.judge(RECEIVING, [SEAL, ALL[0], ALL[1], ALL[0]])
    assert judged.rows[-1].sentence == "Đã quét ở dòng 2 – không cộng thêm"
    assert len(judged.tally.counted) == 2


def test_extra_records_what_was_refused_just_now_known_or_not() -> None:
    judged = bench.judge(RECEIVING, [SEAL, STRANGER, EXTRA, UNKNOWN, EXTRA, EXTRA, *ALL])
    assert list(judged.tally.extra) == [OTHER, NOBODY]
    assert judged.rows[5].verdict is Verdict.NOTHING
    assert judged.signing == "Ký nhận 5/5, thừa 2"
    assert not judged.has_refused
    assert bench.judge(RECEIVING, [SEAL, STRANGER, *ALL]).has_refused


def test_torn_and_wrong_place_are_said_of_the_last_envelope_taken() -> None:
    judged = bench.judge(RECEIVING, [SEAL, ALL[0], TORN, ALL[1], ELSEWHERE, STRANGER, EXTRA, TORN])
    assert judged.tally.counted == {FIVE[0]: Condition.DAMAGED, FIVE[1]: Condition.WRONG_PLACE}
    assert judged.tally.extra == {OTHER: Condition.DAMAGED}
    assert verdicts(RECEIVING, SEAL, TORN)[-1] is Verdict.NOTHING


def test_undo_takes_back_the_last_scan_and_says_which() -> None:
    judged = bench.judge(RECEIVING, [SEAL, ALL[0], ALL[1], UNDO, UNDO, UNDO, UNDO])
    assert judged.rows[3].sentence == f"Đã bỏ lượt quét {codes.shown(FIVE[1])}."
    assert [row.verdict for row in judged.rows[3:]] == [*[Verdict.UNDO] * 3, Verdict.NOTHING]
    assert judged.tally == bench.judge(RECEIVING, []).tally


def test_a_refused_scan_can_be_undone_without_losing_the_one_before() -> None:
    judged = bench.judge(RECEIVING, [SEAL, ALL[0], STRANGER, UNDO])
    assert list(judged.tally.counted) == [FIVE[0]]


@pytest.mark.parametrize(
    ("whole", "scanned", "end"),
    [
        (WholeBag.OFF, [], ""),
        (WholeBag.ALWAYS, [], "whole"),
        (WholeBag.SAMPLE, [], ""),
        (WholeBag.SAMPLE, ALL[:2], ""),
    ],
)
def test_a_bag_is_taken_whole_only_where_the_place_allows_it(whole: WholeBag, scanned: list[Read], end: str) -> None:
    task = Task(work=Work.RECEIVE, of=FIVE, seal="881254", whole=whole, sample=FIVE[:2])
    judged = bench.judge(task, [SEAL, *scanned, DONE])
    assert judged.tally.end == end
    if end:
        assert judged.signing == "Nhận nguyên túi 5, 5 chưa kiểm"


def test_a_sample_that_was_seen_lets_the_rest_be_taken_unseen_when_asked_twice() -> None:
    task = Task(work=Work.RECEIVE, of=FIVE, seal="881254", whole=WholeBag.SAMPLE, sample=FIVE[:2])
    judged = bench.judge(task, [SEAL, *ALL[:2], DONE, DONE])
    assert "Nhận nguyên túi 5, 3 chưa kiểm" in judged.rows[-2].sentence
    assert judged.is_whole
    assert not bench.judge(task, [SEAL, *ALL[:2], MISSING, DONE]).is_whole
    hurt = Task(work=Work.RECEIVE, of=FIVE, seal="881254", whole=WholeBag.ALWAYS, is_broken=True)
    assert not bench.judge(hurt, [SEAL, DONE, DONE]).is_whole


def test_packing_asks_for_the_seal_and_closes_with_it() -> None:
    judged = bench.judge(PACKING, [ALL[0], DONE, SEAL])
    assert [row.verdict for row in judged.rows] == [Verdict.OK, Verdict.NEED_SEAL, Verdict.END]
    assert judged.signing == "Đóng túi 1 bưu gửi, niêm phong 881254"
    assert bench.judge(PACKING, [ALL[0], SEAL]).is_ready
    assert verdicts(PACKING, ALL[0], SEAL, DONE)[-1] is Verdict.END
    assert verdicts(PACKING, DONE, EXTRA, TORN) == [Verdict.NOTHING] * 3


def test_nothing_more_counts_as_the_end_once_something_follows() -> None:
    assert bench.judge(RECEIVING, [SEAL, *ALL, DONE, UNKNOWN]).tally.end == ""


@pytest.mark.parametrize("text", ["881245", "VN-0012/7", "dn 881254", "1"])
def test_a_seal_is_letters_and_digits(text: str) -> None:
    assert bench.seal_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "P3FHJ-8QXV9",
        "P3FHJ8QXV0",
        "P3FHJ8QXV",
        "RA123456785VN",
        "H48.17-261116-0001",
        "HTTPS://A.VN/P3FHJ8QXV9",
        "xin chào",
        "049205000137||Nguyễn Văn Khánh",
        "22222-22222",
        "",
    ],
)
def test_a_code_of_anything_else_is_never_the_number_of_a_seal(text: str) -> None:
    assert bench.seal_in(text) == ""
