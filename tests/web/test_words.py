"""Every sentence of the citizen's pages exists in both languages, for every case, short and without abbreviations."""

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from postal.domain import status
from postal.domain.clocks import PausePolicy
from postal.domain.status import Status
from postal.queries import lateness, tracking
from postal.web import telling, words
from postal.web.render import TEMPLATES

ROOT = TEMPLATES.parent
BANNED = ("BCCI", "TTHC", "TN&TKQ", "Thao tác", "Lỗi hệ thống", "Không được để trống", "Có lỗi xảy ra", "invalid")


def all_pairs() -> Iterator[tuple[str, words.Pair]]:
    """Yield every sentence with where it stands."""
    yield from words.WORDS.items()
    for table in (words.EXPECTED, words.TURNS, words.LATE, words.TO_DO):
        yield from ((str(key), pair) for key, pair in table.items())
    yield "to do at desk", words.TO_DO_AT_DESK
    for word, told in status.WORDS.items():
        yield word.value, (told.citizen, told.citizen_en)
    yield from (("step", pair) for pair in status.STEPS)


PAIRS = list(all_pairs())


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize(("name", "pair"), PAIRS, ids=[name for name, _ in PAIRS])
def test_a_sentence_has_both_languages_with_the_same_fields(name: str, pair: words.Pair) -> None:
    vietnamese, english = pair
    assert vietnamese.strip()
    assert english.strip()
    assert vietnamese != english
    assert fields(vietnamese) == fields(english)
    assert vietnamese == unicodedata.normalize("NFC", vietnamese)
    assert not [word for word in BANNED if word in vietnamese]


def test_sentences_have_fifteen_words_or_fewer_on_average() -> None:
    sentences = [part for _, (vietnamese, _) in PAIRS for part in re.split(r"[.!?:] ?", vietnamese) if part.strip()]
    lengths = [len(sentence.split()) for sentence in sentences]
    assert sum(lengths) / len(lengths) <= 15


def test_every_case_has_its_sentence() -> None:
    assert set(words.EXPECTED) == set(tracking.Milestone)
    assert set(words.TURNS) == set(tracking.Turn)
    assert set(words.LATE) == set(lateness.Clock)
    assert set(words.TO_DO) == set(tracking.TURNS) == set(status.WORDS) == set(Status)
    assert set(telling._POLICIES) == set(PausePolicy)
    assert set(telling.MARKS) == set(status.Tone)


def test_every_sentence_that_a_page_asks_for_is_in_the_table_and_none_is_left_over() -> None:
    asked = set(asked_for())
    assert asked - set(words.WORDS) == set()
    assert set(words.WORDS) - asked == set()


def asked_for() -> Iterator[str]:
    for path in sorted((TEMPLATES / "citizen").glob("*.html")):
        yield from re.findall(r'frame\.text\("(\w+)"\)', path.read_text())
    known = "|".join(words.WORDS)
    for name in ("telling", "lookup", "words", "pages/citizen"):
        text = Path(ROOT / "postal" / "web" / f"{name}.py").read_text()
        text = text.split('"""Sentences by name', 1)[-1]
        yield from re.findall(rf'"({known})"', text)
        yield from re.findall(r'\.say\(\s*"(\w+)"', text)


def test_the_templates_hold_no_word_of_their_own() -> None:
    for path in sorted((TEMPLATES / "citizen").glob("*.html")):
        bare = re.sub(r"<[^>]*>|\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", " ", path.read_text(), flags=re.DOTALL)
        left = set(re.findall(r"[^\W\d_]{2,}", bare)) - {"Tiếng", "Việt", "English"}
        assert left == set(), path.name
