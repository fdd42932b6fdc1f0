"""The forms that the tests of this folder print: one of each, filled with the longest names there are."""

from labels.guidance import Guidance, MissingPaper
from labels.handover import HandoverLine, HandoverSheet
from labels.invitation import Invitation
from labels.receipt import Charge, ExpectedAtAuthority, PaperLine, Receipt, ReceiptParty
from labels.record import Party
from labels.runsheet import RunSheet, RunStop

SECRET = "7K2M49RTBQP3FHJ8QXV9T9C4N7MBK"
PIN = "482915"
LONGEST_DESK = "Trung tâm Phục vụ hành chính công phường Văn Miếu - Quốc Tử Giám, Thành phố Hà Nội"

HOSTILE = [
    '#read("/etc/passwd")',
    "$x^2$ *b* _i_ @a <b>",
    "\\ \\u{41} // c /* d */ ~",
    "``` = [x] `y` ---",
    "'quote' \"double\" “curly”",
    "- + / : 1. #{1+1} #let",
]
"""Looks like markup of Typst, of other languages, or of a printer."""
OVERLONG = ["Ấ" * 900, "Ổ Ị " * 300, "x" * 800]
"""Fits nowhere: accents above accents, accents above and below, one word."""

RECEIPT = Receipt(
    code="7K2M4-9RTBQ",
    public_url="https://hoso.example.vn",
    secret=SECRET,
    office="Bưu điện trung tâm Đà Nẵng",
    sender=ReceiptParty(
        name="Nguyễn Thị Hồng Nhung",
        address="Tổ 5, kiệt 12 Nguyễn Lương Bằng, phường Hòa Khánh, thành phố Đà Nẵng",
        phone="0905 123 456",
        email="hongnhung@example.vn",
    ),
    receiver=ReceiptParty(
        name=LONGEST_DESK, address="Số 8 Tôn Đức Thắng, phường Văn Miếu - Quốc Tử Giám", phone="024 3733 0000"
    ),
    service="Gửi hồ sơ và nhận kết quả",
    procedure="Cấp bản sao trích lục hộ tịch, bản sao Giấy khai sinh (2.000635)",
    papers=(
        PaperLine(name="Tờ khai cấp bản sao trích lục hộ tịch", originals=1),
        PaperLine(name="Giấy ủy quyền có chứng thực", originals=1, note="trả lại sau khi đối chiếu"),
        PaperLine(name="Căn cước của người ủy quyền", certified=1, copies=2),
    ),
    received_at="09:05, thứ Hai, 16/11/2026",
    received_place="Bưu điện trung tâm Đà Nẵng, 155 Nguyễn Văn Linh",
    method="Nhận tại quầy, chuyển phát có niêm phong",
    weight="85 g",
    item_code="P3FHJ-8QXV9",
    post_number="EB 123 456 789 VN",
    seal_number="881245",
    quality="Giao đến cơ quan chậm nhất sau 3 ngày làm việc (J+3)",
    promise=ExpectedAtAuthority("thứ Năm, 19/11/2026"),
    charges=(
        Charge(name="Cước bưu chính", amount=30_000, payment="Tiền mặt"),
        Charge(name="Phí, lệ phí (thu hộ cơ quan)", amount=8_000, payment="Thu sau"),
    ),
    rights=(
        "Người gửi được đổi họ tên, địa chỉ người nhận hoặc rút hồ sơ khi chưa phát.",
        "Người gửi khai đúng họ tên, địa chỉ và trả đủ cước.",
        "Khiếu nại trong 6 tháng kể từ ngày hết thời hạn chuyển phát; bưu điện trả lời trong 7 ngày làm việc.",
    ),
    liability=(
        "Chậm so với thời gian công bố: hoàn lại cước đã thu.",
        "Mất, hư hỏng: chịu mọi chi phí cấp lại giấy tờ và bồi thường ít nhất 4 lần cước đã thu.",
    ),
    hotline="1900 0000",
    clerk="Trần Thị Lan",
)

LINE = HandoverLine(
    item_code="P3FHJ-8QXV9",
    slip_number="H17.125-261116-0004",
    post_number="EB123456789VN",
    originals=2,
    certified=1,
    copies=12,
    seal_number="881245",
)

HANDOVER = HandoverSheet(
    number="G5R2X-6VTHC",
    place=LONGEST_DESK,
    time="10 giờ 20 phút, ngày 17 tháng 11 năm 2026",
    giver=Party(unit="Bưu điện trung tâm Đà Nẵng", position="Nhân viên vận chuyển", person="Lê Văn Tài"),
    receiver=Party(unit=LONGEST_DESK, position="Bộ phận Tiếp nhận và Trả kết quả", person="Phạm Thị Hoa"),
    lines=(
        LINE,
        HandoverLine(
            item_code="P2222-22222", slip_number="7K2M4-9RTBQ", originals=1, counted="Đủ", seal_number="881246"
        ),
        HandoverLine(
            item_code="PXXXX-XXXXX",
            slip_number="000.00.19.H17-261116-0123",
            post_number="EB987654321VN",
            originals=3,
            copies=1,
            seal_number="881247",
            counted="Thiếu 1",
            note="Thiếu bản sao Căn cước, hai bên cùng lập biên bản",
        ),
    ),
    bags="T9C4N-7MBKP, niêm phong 774411",
    is_legal_submission=True,
)

GUIDANCE = Guidance(
    office="Bưu điện trung tâm Đà Nẵng",
    time="09:05, 16/11/2026",
    citizen="Nguyễn Thị Hồng Nhung",
    procedure="Đổi giấy phép lái xe do ngành Giao thông vận tải cấp (1.002809)",
    authority="Sở Xây dựng thành phố Đà Nẵng",
    missing=(
        MissingPaper(
            name="Giấy khám sức khỏe của người lái xe",
            wanted="1 bản chính, cấp trong 12 tháng",
            reason="Bản mang theo đã hết hạn ngày 02/10/2026.",
        ),
        MissingPaper(name="Ảnh 3×4, nền xanh", wanted="2 ảnh", reason="Chưa có."),
    ),
    present=("Đơn đề nghị đổi giấy phép lái xe", "Bản sao giấy phép lái xe"),
    source="Cổng Dịch vụ công quốc gia, xem ngày 10/11/2026.",
    hotline="1900 0000",
    clerk="Trần Thị Lan",
)

STOP = RunStop(
    order=1,
    code="P3FHJ-8QXV9",
    receiver="Nguyễn Thị Hồng Nhung",
    address="Tổ 5, kiệt 12 Nguyễn Lương Bằng, phường Hòa Khánh",
    count=1,
    task="Giao kết quả",
    phone="0905 550 101",
    collect=30_000,
    identity=True,
    where="vị trí ước lượng theo xã, ±1,5 km",
)

RUN = RunSheet(
    code="R8G3K-5PQJT",
    office="Bưu cục Hòa Khánh",
    territory="Hòa Khánh 3: Nguyễn Lương Bằng, Âu Cơ",
    day="thứ Hai, 23/11/2026",
    postman="Võ Đình Nam",
    stops=(
        STOP,
        RunStop(
            order=2,
            code="P2222-22222",
            receiver="Công ty TNHH Một thành viên Thương mại và Dịch vụ Vận tải Hòa Khánh",
            address="Lô 12, đường số 3, Khu công nghiệp Hòa Khánh, phường Liên Chiểu",
            count=0,
            task="Lấy giấy tờ",
            recover=1,
            window="08:00 – 10:00",
            note="Cần giấy ủy quyền",
        ),
    ),
)

INVITATION = Invitation(
    code="P3FHJ-8QXV9",
    number=1,
    of=2,
    office="Bưu điện trung tâm Đà Nẵng",
    office_address="64 Bạch Đằng, phường Hải Châu, thành phố Đà Nẵng",
    office_phone="0236 382 1327",
    hours="07:30–11:30 và 13:30–17:00, thứ Hai đến thứ Sáu, trừ ngày lễ",
    until="thứ Sáu, 27/11/2026",
    receiver="Nguyễn Thị Hồng Nhung",
    address="Tổ 5, kiệt 12 Nguyễn Lương Bằng, phường Hòa Khánh, thành phố Đà Nẵng",
    bring=(
        "Căn cước hoặc hộ chiếu còn hạn của ông/bà.",
        "Người nhận thay: giấy ủy quyền còn hiệu lực và căn cước của người nhận thay.",
        "Nhận cho tổ chức: giấy giới thiệu và căn cước.",
        "2 giấy tờ cũ phải nộp lại cho cơ quan; bưu cục sẽ nói rõ giấy nào.",
        "30.000 đ phải nộp khi nhận.",
    ),
    printed_on="20/11/2026",
    hotline="1900 0000",
)
