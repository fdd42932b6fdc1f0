"""What appears on the screen when a scanner types through a Vietnamese keyboard, after the published rules of each.

Written from the tables of Telex and VNI and from what people see, not from the product: engines differ, so each
`Keyboard` says how it behaves where they do.
"""

from dataclasses import dataclass, replace
from itertools import pairwise, product
from unicodedata import normalize

TELEX_TONES = {"s": "\u0301", "f": "\u0300", "r": "\u0309", "x": "\u0303", "j": "\u0323"}
VNI_TONES = {"1": "\u0301", "2": "\u0300", "3": "\u0309", "4": "\u0303", "5": "\u0323"}
ROOF, BOWL, BEARD = "\u0302", "\u0306", "\u031b"
QUICK = {"cc": "h", "gg": "i", "kk": "h", "nn": "g", "pp": "h", "qq": "u", "tt": "h"}
VOWELS = "aeiouy"

WINDOWS_LAYOUT = dict(zip("1234567890", "ăâêô\u0300\u0309\u0303\u0301\u0323đ", strict=True))
"""The number row of the Vietnamese layout that comes with Windows."""


@dataclass(frozen=True, kw_only=True)
class Keyboard:
    """One way of typing Vietnamese.

    `is_free`: a mark finds its letter anywhere in the word, not only in front of the cursor. `digits_end`: a new word
    begins after a digit. `is_quick`: equal consonants in a row become others. `gives_up`: after an undo, the rest of
    the word is typed as it is.
    """

    method: str
    is_free: bool = True
    digits_end: bool = False
    is_quick: bool = False
    gives_up: bool = True

    def type(self, keys: str) -> str:
        """Return what appears."""
        if self.method == "windows":
            return "".join(WINDOWS_LAYOUT.get(key, key) for key in keys)
        shown, word = "", _Word(self)
        for key in keys:
            if not (key.isascii() and key.isalnum()):
                shown, word = shown + word.text() + key, _Word(self)
                continue
            word.press(key)
            if self.digits_end and key.isdigit() and not word.has_taken:
                shown, word = shown + word.text(), _Word(self)
        return shown + word.text()


@dataclass(frozen=True)
class _Letter:
    base: str
    shape: str = ""
    tone: str = ""


class _Word:
    def __init__(self, keyboard: Keyboard) -> None:
        self.keyboard = keyboard
        self.letters: list[_Letter] = []
        self.is_off = False
        self.has_taken = False

    def text(self) -> str:
        drawn = []
        for letter in self.letters:
            if letter.shape == "bar":
                drawn.append("đ" if letter.base == "d" else "Đ")
            else:
                drawn.append(normalize("NFC", letter.base + letter.shape + letter.tone))
        return "".join(drawn)

    def press(self, key: str) -> None:
        self.has_taken = not self.is_off and self._takes(key)
        if not self.has_taken:
            self._write(key)

    def _write(self, key: str) -> None:
        low = key.lower()
        before = self.letters[-1].base.lower() if self.letters else ""
        if self.keyboard.is_quick and not self.is_off and before + low in QUICK:
            key = _like(key, QUICK[before + low])
        elif self.keyboard.method == "telex" and low == "w" and not self.is_off:
            self.letters.append(_Letter(_like(key, "u"), BEARD))
            return
        self.letters.append(_Letter(key))
        self._settle()

    def _settle(self) -> None:
        """Move the tone to where it belongs now that the word is longer."""
        vowels = [at for at, letter in enumerate(self.letters) if letter.base.lower() in VOWELS]
        toned = [at for at in vowels if self.letters[at].tone]
        if not toned or not all(at - before == 1 for before, at in pairwise(vowels)):
            return
        tone = self.letters[toned[0]].tone
        self.letters[toned[0]] = replace(self.letters[toned[0]], tone="")
        home = self._home_of_the_tone(vowels)
        self.letters[home] = replace(self.letters[home], tone=tone)

    def _takes(self, key: str) -> bool:
        low = key.lower()
        if self.keyboard.method == "telex":
            if low in TELEX_TONES:
                return self._tone(TELEX_TONES[low], key)
            if low == "z":
                return self._clear()
            shapes = {"a": {"a": ROOF}, "e": {"e": ROOF}, "o": {"o": ROOF}, "d": {"d": "bar"}}
            shapes["w"] = {"a": BOWL, "o": BEARD, "u": BEARD}
        else:
            if low in VNI_TONES:
                return self._tone(VNI_TONES[low], key)
            if low == "0":
                return self._clear()
            shapes = {"6": dict.fromkeys("aeo", ROOF), "7": dict.fromkeys("ou", BEARD), "8": {"a": BOWL}}
            shapes["9"] = {"d": "bar"}
        return low in shapes and self._shape(shapes[low], key)

    def _tone(self, tone: str, key: str) -> bool:
        vowels = [at for at, letter in enumerate(self.letters) if letter.base.lower() in VOWELS]
        if not vowels:
            return False
        marked = [at for at in vowels if self.letters[at].tone]
        at = marked[0] if marked else self._home_of_the_tone(vowels)
        if self.letters[at].tone == tone:
            self.letters[at] = replace(self.letters[at], tone="")
            return self._undone(key)
        self.letters[at] = replace(self.letters[at], tone=tone)
        return True

    def _home_of_the_tone(self, vowels: list[int]) -> int:
        """Return the letter with a shape, else the last vowel before a consonant, else the one before the last."""
        shaped = [at for at in vowels if self.letters[at].shape]
        if shaped:
            return shaped[-1]
        is_closed = vowels[-1] != len(self.letters) - 1
        return vowels[-1] if is_closed or len(vowels) == 1 else vowels[-2]

    def _clear(self) -> bool:
        toned = [at for at, letter in enumerate(self.letters) if letter.tone]
        for at in toned:
            self.letters[at] = replace(self.letters[at], tone="")
        return bool(toned)

    def _shape(self, shapes: dict[str, str], key: str) -> bool:
        places = range(len(self.letters)) if self.keyboard.is_free else range(len(self.letters))[-1:]
        fitting = [at for at in places if self.letters[at].base.lower() in shapes]
        if not fitting:
            return False
        at = fitting[-1]
        wanted = shapes[self.letters[at].base.lower()]
        if self.letters[at].shape == wanted:
            self.letters[at] = replace(self.letters[at], shape="")
            return self._undone(key)
        self.letters[at] = replace(self.letters[at], shape=wanted)
        if wanted == BEARD and at and self.letters[at].base.lower() == "o" and self.letters[at - 1].base.lower() == "u":
            self.letters[at - 1] = replace(self.letters[at - 1], shape=BEARD)
        return True

    def _undone(self, key: str) -> bool:
        self.is_off = self.keyboard.gives_up
        self.letters.append(_Letter(key))
        return True


def _like(key: str, letter: str) -> str:
    return letter.upper() if key.isupper() else letter


KEYBOARDS = (
    *(
        Keyboard(method=method, is_free=free, digits_end=ends, is_quick=quick, gives_up=gives_up)
        for method, free, ends, quick, gives_up in product(("telex", "vni"), *((True, False),) * 4)
    ),
    Keyboard(method="windows"),
)
"""Every way in which two engines may differ, with both methods, and the layout of Windows."""
