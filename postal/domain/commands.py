"""The codes of the printed command sheet: what a hand that holds a scanner says without going to the keyboard.

Fixed for ever, because sheets hang on walls. Any two of them differ in seven of their ten symbols, so that no worn
print is read as its neighbour; none has a doubled symbol.

>>> of(codes.parse("KJ3BN-MHCMT"))
<Command.DONE: 'KJ3BNMHCMT'>
>>> of(codes.parse("7K2M4-9RTBQ")) is None
True
"""

from __future__ import annotations

from enum import Enum

from postal.domain import codes
from postal.domain.codes import Code


class Command(Enum):
    """Something a scan of the sheet asks for; the value is its code."""

    DONE = "KJ3BNMHCMT"
    UNDO = "KQ8N6C65RF"
    EXTRA = "KPXR6C54VT"
    MISSING = "KMP5GJFRTK"
    DAMAGED = "KPMKNB3P26"
    WRONG_PLACE = "KHXVT2RMFX"
    REPRINT = "KX5PFP8RP3"
    PRESET_1 = "K873RVBM42"
    PRESET_2 = "KXNBN98VQM"
    PRESET_3 = "KQBKMVTXGX"
    PRESET_4 = "KFR5MQTF8J"
    PRESET_5 = "K2B5X9G7FH"
    PRESET_6 = "K25T8RQ5H9"
    PRESET_7 = "KM83V2PJR3"
    PRESET_8 = "KB494TCGJC"
    PRESET_9 = "K3NK3R5XHF"

    @property
    def code(self) -> Code:
        """The code on the sheet."""
        return codes.Code(self.value)

    @property
    def label(self) -> str:
        """The word on the sheet, as it is called out at the counter."""
        return _WORDS[self][0]

    @property
    def label_en(self) -> str:
        """The same word in English."""
        return _WORDS[self][1]

    @property
    def meaning(self) -> str:
        """What a scan of it does, in one line."""
        return _WORDS[self][2]

    @property
    def preset(self) -> int | None:
        """Which preset of the page it chooses, 1 to 9; None for the others."""
        return int(self.name[-1]) if self.name.startswith("PRESET_") else None


_WORDS: dict[Command, tuple[str, str, str]] = {
    Command.DONE: ("XONG", "Done", "Kết thúc và ký nhận, như F10"),
    Command.UNDO: ("HOÀN TÁC", "Undo", "Bỏ lượt quét cuối"),
    Command.EXTRA: ("THỪA", "Extra", "Có trong túi, không có trong bảng kê"),
    Command.MISSING: ("THIẾU", "Missing", "Có trong bảng kê, không có trong túi"),
    Command.DAMAGED: ("RÁCH", "Damaged", "Rách, ướt"),
    Command.WRONG_PLACE: ("SAI NƠI", "Wrong place", "Không phải gửi đến đây"),
    Command.REPRINT: ("IN LẠI", "Reprint", "In lại nhãn, như F8"),
    **{
        command: (f"ALT {command.preset}", f"Alt {command.preset}", f"Nút số {command.preset} trên màn hình")
        for command in Command
        if command.preset is not None
    },
}


def of(code: Code) -> Command | None:
    """Return the command a code stands for; None for every other code."""
    return _BY_CODE.get(code.text)


_BY_CODE = {command.value: command for command in Command}
