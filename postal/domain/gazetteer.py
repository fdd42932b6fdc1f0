"""Reading the commune out of an address as people write it: any era, free text, with or without marks.

Nothing is guessed. A name is taken where the words beside it (district, province) leave one commune of today; where
several remain, all of them are named for somebody to choose.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from postal.domain.places import Era, Level, Unit, UnitKey
from postal.domain.search import fold

MOST_CANDIDATES = 40
LONGEST_NAME = 8
"""So many words a unit's name has at most, its kind included."""

LONGEST_ADDRESS = 500

_KINDS = ("thanh pho", "thi tran", "thi xa", "dac khu", "phuong", "huyen", "quan", "tinh", "xa")
_COMMUNE_KINDS = frozenset({("phuong",), ("xa",), ("thi", "tran"), ("dac", "khu")})
_HIGHER_KINDS = frozenset({("quan",), ("huyen",), ("tinh",), ("thi", "xa"), ("thanh", "pho")})
_DISTRICT_KINDS = _HIGHER_KINDS - {("tinh",)}
_KIND_WORDS = frozenset(word for kind in _KINDS for word in kind.split())
_STREET_WORDS = frozenset({"duong", "pho", "thon", "ap", "to", "ban", "xom", "khom", "ngo", "hem", "ngach", "kiet"})
_FILLERS = _KIND_WORDS | {"viet", "nam", "vn"}

_SHORT = {
    "p": ("phuong",),
    "f": ("phuong",),
    "x": ("xa",),
    "q": ("quan",),
    "h": ("huyen",),
    "t": ("tinh",),
    "tt": ("thi", "tran"),
    "tx": ("thi", "xa"),
    "tp": ("thanh", "pho"),
    "hcm": ("ho", "chi", "minh"),
    "hcmc": ("ho", "chi", "minh"),
    "tphcm": ("thanh", "pho", "ho", "chi", "minh"),
    "hn": ("ha", "noi"),
    "brvt": ("ba", "ria", "vung", "tau"),
}
_ROMANS = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x")
_ROMAN = {roman: str(number) for number, roman in enumerate(_ROMANS, start=1)}
_NUMBERED = re.compile(r"([pqxhf])0*(\d{1,2})")
_FORMER_PROVINCES = {"thua thien hue": "hue"}
"""What a province was called when the list of old units already has another name for it."""

_CITY_BY_ITS_OLD_NAME = re.compile(r"(?<!phuong )\bsai gon((?: viet nam| vn)?)$")
"""At the end of an address it is the city; the ward of that name says "phường", or the city stands after it."""

_COMMAS = re.compile(r"[,;\n\r]")
_OTHER_COMMUNE = re.compile(r"\b(phuong|(?<!thi )xa|thi tran|dac khu) \w")
_DASHES = re.compile(r"\s[-–—]\s")
_Kind = tuple[str, ...]


class Reading(StrEnum):
    """What an address says of its commune."""

    ONE = "one"
    SEVERAL = "several"
    SPLIT = "split"
    """One old unit, which was divided among several of today."""
    DISTRICT = "district"
    """Only an old district was understood; all that followed its communes is offered."""
    NONE = "none"


@dataclass(frozen=True, kw_only=True, slots=True)
class UnitName:
    """A name a commune is or was written with, and the commune of today it leads to.

    `label` is what the old unit was called with its district and province, empty for a name of today. `province` is
    today's province.
    """

    commune: str
    name: str
    province: str
    label: str = ""

    @property
    def is_old(self) -> bool:
        """Tell whether this was the name of a unit before the present ones."""
        return bool(self.label)

    @property
    def written(self) -> str:
        """Return the name with everything above it."""
        return self.label or f"{self.name}, {self.province}"

    @property
    def above(self) -> tuple[str, ...]:
        """Return what this unit lay in: old district and province, then the province of today."""
        return (*self.label.split(", ")[1:], self.province)


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What an address was read as: the names that fit best, and those of other days that fit just as well."""

    reading: Reading
    names: tuple[UnitName, ...] = ()
    namesakes: tuple[UnitName, ...] = ()

    @property
    def communes(self) -> tuple[str, ...]:
        """Return the communes of today it may be, each once."""
        return tuple(dict.fromkeys(name.commune for name in self.names))


class _Segment(NamedTuple):
    """The words between two commas, and where a name may begin without its kind: at the start, or after a dash."""

    words: list[str]
    starts: frozenset[int]


class Gazetteer:
    """Names by the way they are written."""

    def __init__(self, names: Iterable[UnitName]) -> None:
        self._by_words: dict[str, list[_Entry]] = {}
        self._by_district: dict[str, list[_Entry]] = {}
        for name in names:
            entry = _Entry(name)
            if len(entry.above) > 1:
                self._by_district.setdefault(squeezed("".join(entry.above[0][0])), []).append(entry)
            for words in {squeezed(entry.full), squeezed(entry.short)}:
                self._by_words.setdefault(words, []).append(entry)

    def read(self, address: str) -> Found:
        """Return the commune of an address, or those to choose from; the words beside the name decide."""
        segments = _segments(address)
        matches = [match for match in self._matches(segments) if match is not None]
        if not matches:
            return self._read_district(segments)
        best = max(match.score for match in matches)
        kept = _spelled_alike([match for match in matches if match.score == best], address)
        return _told(kept)

    def _read_district(self, segments: Sequence[_Segment]) -> Found:
        """Return what followed an old district, where that much was understood: the clerk chooses."""
        words = _all_words(segments)
        found: list[tuple[int, UnitName]] = []
        for begin, end, _ in _stretches(segments):
            explained = set(range(begin, end))
            for entry in self._by_district.get(squeezed("".join(words[begin:end])), ()):
                taken = set(explained)
                levels = sum(_explain(full, short, words, taken) for full, short in entry.above[1:])
                found.append((levels, entry.name))
        most = max((levels for levels, _ in found), default=0)
        names = tuple({name.commune: name for levels, name in found if levels == most}.values())
        return Found(reading=Reading.DISTRICT if names else Reading.NONE, names=names)

    def _matches(self, segments: Sequence[_Segment]) -> "Iterator[_Match | None]":
        words = _all_words(segments)
        for begin, end, starts in _stretches(segments):
            for entry in self._by_words.get(squeezed("".join(words[begin:end])), ()):
                yield _match(entry, words, begin, end, starts=starts)


def names_of(units: Iterable[Unit]) -> Iterator[UnitName]:
    """Yield every name of a list of units of both eras; an old commune that was divided comes once a successor."""
    by_key = {unit.key: unit for unit in units}
    for unit in by_key.values():
        if unit.era is Era.SINCE_2025 and unit.level is Level.COMMUNE:
            province = by_key[UnitKey(era=Era.SINCE_2025, code=unit.province_code)]
            yield UnitName(commune=unit.code, name=unit.name, province=province.name)
        elif unit.era is Era.OLD and unit.level is not Level.PROVINCE:
            yield from _old_names(unit, by_key)


def _old_names(old: Unit, by_key: Mapping[UnitKey, Unit]) -> Iterator[UnitName]:
    above = [UnitKey(era=Era.OLD, code=code) for code in (old.district_code, old.province_code) if code]
    label = ", ".join((old.name, *(by_key[key].name for key in above)))
    for successor in old.successors:
        commune = by_key[UnitKey(era=Era.SINCE_2025, code=successor)]
        province = by_key[UnitKey(era=Era.SINCE_2025, code=commune.province_code)]
        yield UnitName(commune=successor, name=old.name, province=province.name, label=label)


def stretches_of(address: str) -> frozenset[str]:
    """Return every stretch of words of an address that may be a unit's name, folded and squeezed, to look up by."""
    segments = _segments(address)
    words = _all_words(segments)
    return frozenset(squeezed("".join(words[begin:end])) for begin, end, _ in _stretches(segments))


def squeezed(folded: str) -> str:
    """Return a folded name as it is looked up: without spaces (`Ea Trol`, `EaTrol`), y as i (`Quy Đức`, `Qui Đức`)."""
    return folded.replace(" ", "").replace("y", "i")


def districts_in(address: str) -> tuple[str, ...]:
    """Return the stretches of an address that call themselves a district: `quan hai chau`, `thi xa quang tri`."""
    found: dict[str, None] = {}
    for segment in _segments(address):
        for begin, end, _ in _stretches([segment]):
            stretch = segment.words[begin:end]
            if any(tuple(stretch[: len(kind)]) == kind and len(stretch) > len(kind) for kind in _DISTRICT_KINDS):
                found[" ".join(stretch)] = None
    return tuple(found)


def key_of(name: str) -> str:
    """Return how a name is looked up, its kind included."""
    return squeezed(_number_bare(fold(name)))


def short_key_of(name: str) -> str:
    """Return how a name is looked up without its kind."""
    return squeezed(short_name(_number_bare(fold(name))))


def short_name(name: str) -> str:
    """Return a folded name without its kind; a number keeps it.

    >>> short_name("phuong hai chau"), short_name("quan 1"), short_name("thanh pho ho chi minh")
    ('hai chau', 'quan 1', 'ho chi minh')
    """
    for kind in _KINDS:
        bare = name.removeprefix(f"{kind} ")
        if bare != name:
            return name if bare.isdigit() else bare
    return name


# --- words ------------------------------------------------------------------------------------------------------------


def _segments(address: str) -> list[_Segment]:
    parts = _COMMAS.split(unicodedata.normalize("NFC", address)[:LONGEST_ADDRESS])
    found = [segment for part in parts if (segment := _segment(part)).words]
    return [*found[:-1], _with_todays_city(found[-1])] if found else []


def _with_todays_city(last: _Segment) -> _Segment:
    words = _CITY_BY_ITS_OLD_NAME.sub(r"ho chi minh\1", " ".join(last.words)).split()
    return last._replace(words=words)


def _segment(part: str) -> _Segment:
    """Return the words of a part; a dash may stand inside a name (Văn Miếu - Quốc Tử Giám) or between two."""
    words: list[str] = []
    starts: set[int] = set()
    for piece in _DASHES.split(part):
        starts.add(len(words))
        words += _words(piece)
    return _Segment(words=words, starts=frozenset(starts))


def _words(part: str) -> list[str]:
    """Return the words of a part of an address, abbreviations written out: `P.1` is phuong 1, `Q10` is quan 10."""
    found: list[str] = []
    plain = fold(part).replace(".", " ").split()
    for number, word in enumerate(plain):
        numbered = _NUMBERED.fullmatch(word)
        if numbered:
            found += [*_SHORT[numbered[1]], numbered[2]]
        elif word in _SHORT and (len(word) > 1 or number + 1 < len(plain)):
            found += _SHORT[word]
        else:
            found.append(_number(word, after=found[-1:] == ["phuong"]))
    return _in_todays_words(found)


def _number(word: str, *, after: bool) -> str:
    """Return a number without zeros before it; after "phường" a Roman one as the others write it."""
    if word.isdigit():
        return word.lstrip("0") or word
    return _ROMAN.get(word, word) if after else word


def _in_todays_words(words: list[str]) -> list[str]:
    text = f" {' '.join(words)} "
    for former, name in _FORMER_PROVINCES.items():
        text = text.replace(f" {former} ", f" {name} ")
    return text.split()


def _stretches(segments: Sequence[_Segment]) -> Iterator[tuple[int, int, bool]]:
    """Yield begin, end, and whether a name without its kind may begin there; none reaches over a comma."""
    offset = 0
    for words, starts in segments:
        for begin in range(len(words)):
            for end in range(begin + 1, min(begin + LONGEST_NAME, len(words)) + 1):
                yield offset + begin, offset + end, begin in starts
        offset += len(words)


def _all_words(segments: Sequence[_Segment]) -> list[str]:
    return [word for segment in segments for word in segment.words]


# --- one name in one address ------------------------------------------------------------------------------------------


class _Entry:
    """A name, folded once for many readings."""

    __slots__ = ("above", "full", "name", "short")

    def __init__(self, name: UnitName) -> None:
        self.name = name
        self.full = _number_bare(fold(name.name))
        self.short = short_name(self.full)
        above = [_number_bare(fold(each)) for each in name.above]
        if len(above) > 1 and short_name(above[-1]) == short_name(above[-2]):
            above.pop()  # the province of today is called as the old one was: it stands in an address once
        self.above = tuple((each.split(), short_name(each).split()) for each in above)


def _number_bare(folded: str) -> str:
    words = folded.split()
    return " ".join(_number(word, after=words[at - 1 : at] == ["phuong"]) for at, word in enumerate(words))


@dataclass(frozen=True, slots=True)
class _Match:
    """A name in an address. Its score: words explained less those left over after it; with its kind; to the letter."""

    entry: _Entry
    score: tuple[int, bool, bool]
    levels: int
    """How many of the units above the commune the address names."""
    is_whole: bool
    """Whether every word after the commune's name was understood."""


def _match(entry: _Entry, words: Sequence[str], begin: int, end: int, *, starts: bool) -> _Match | None:
    """Return how well a name fits where it stands, None where the words stand for a street or something higher."""
    is_full = squeezed("".join(words[begin:end])) == squeezed(entry.full)
    is_exact = " ".join(words[begin:end]) in (entry.full, entry.short)
    if is_full and words[begin] == "xa" and words[begin - 1 : begin] == ["thi"]:
        return None
    kind = () if is_full else _kind_before(words, begin)
    if kind in _HIGHER_KINDS:
        return None
    if not is_full and kind not in _COMMUNE_KINDS and (not starts or words[begin - 1 : begin] == ["pho"]):
        return None
    if not is_full and begin and not starts and words[begin - 1] in _STREET_WORDS:
        return None
    explained = set(range(begin - len(kind), end))
    levels = 0
    for full, short in entry.above:
        levels += _explain(full, short, words, explained)
    left_over = sum(1 for at in range(end, len(words)) if at not in explained and not _says_nothing(words[at]))
    if left_over and not levels:
        return None
    score = (len(explained) - 3 * left_over, is_full, is_exact)
    has_other = not is_full and not kind and _names_another(words[:begin], explained)
    return _Match(entry=entry, score=score, is_whole=not left_over and not has_other, levels=levels)


def _names_another(before: Sequence[str], explained: set[int]) -> bool:
    """Tell whether another commune that nobody knows is named before: `phường Không Có, Hải Châu`."""
    open_words = (None if at in explained else word for at, word in enumerate(before))
    text = " ".join(word or "," for word in open_words)
    return _OTHER_COMMUNE.search(text) is not None


def _says_nothing(word: str) -> bool:
    """Tell whether a word after the commune names nothing: a kind, the country, a postcode."""
    return word in _FILLERS or (word.isdigit() and len(word) > 4)


def _kind_before(words: Sequence[str], begin: int) -> _Kind:
    pair, one = tuple(words[max(begin - 2, 0) : begin]), tuple(words[max(begin - 1, 0) : begin])
    if pair in _COMMUNE_KINDS | _HIGHER_KINDS:
        return pair
    return one if one in _COMMUNE_KINDS | _HIGHER_KINDS else ()


def _explain(full: Sequence[str], short: Sequence[str], words: Sequence[str], explained: set[int]) -> int:
    """Mark where the name of a unit above stands; return 1 if it was found on words of its own."""
    for name in (full, short):
        at = _find(name, words, explained)
        if at is not None:
            kind = () if name is full and name is not short else _kind_before(words, at)
            explained.update(range(at - len(kind), at + len(name)))
            return 1
    return 0


def _find(name: Sequence[str], words: Sequence[str], taken: set[int]) -> int | None:
    """Return where a name stands on words that nothing else explains, the last such place."""
    size = len(name)
    for at in range(len(words) - size, -1, -1):
        if list(words[at : at + size]) == list(name) and not taken & set(range(at, at + size)):
            return at
    return None


# --- several names ----------------------------------------------------------------------------------------------------


def _spelled_alike(matches: list[_Match], address: str) -> list[_Match]:
    """Keep the names spelled with the same marks, if there are any and the address has marks at all."""
    spelled = unicodedata.normalize("NFC", address).casefold()
    if spelled == fold(address):
        return matches
    alike = [match for match in matches if _is_spelled(match.entry, spelled)]
    return alike or matches


def _is_spelled(entry: _Entry, spelled: str) -> bool:
    return _bare(entry.name.name) in spelled


def _bare(name: str) -> str:
    """Return a name in lower case without its kind, marks kept."""
    text = unicodedata.normalize("NFC", name).casefold()
    for kind in ("thành phố", "thị trấn", "thị xã", "đặc khu", "phường", "huyện", "quận", "tỉnh", "xã"):
        if text.startswith(f"{kind} "):
            return text.removeprefix(f"{kind} ")
    return text


def _told(matches: Sequence[_Match]) -> Found:
    """Return one commune, or the several to choose from; today's name goes before a former one of the same place.

    Where the province is named, a name of today is read as today's; its namesakes of old are told beside it.
    """
    names = tuple(dict.fromkeys(match.entry.name for match in matches))
    todays = tuple(name for name in names if not name.is_old)
    if not all(match.is_whole for match in matches):
        return Found(reading=Reading.SEVERAL, names=names[:MOST_CANDIDATES])
    has_province = all(match.levels for match in matches)
    if has_province and len({name.commune for name in todays}) == 1:
        namesakes = tuple(name for name in names if name.is_old and name.commune != todays[0].commune)
        return Found(reading=Reading.ONE, names=todays[:1], namesakes=namesakes)
    if len({name.commune for name in names}) == 1:
        return Found(reading=Reading.ONE, names=todays or names)
    one_old = len({name.label for name in names}) == 1
    return Found(reading=Reading.SPLIT if one_old and not todays else Reading.SEVERAL, names=names[:MOST_CANDIDATES])
