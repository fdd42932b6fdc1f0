"""Every word of the citizen's pages, Vietnamese and English side by side; the words of a status stand in the domain.

Citizens are *ông/bà*; sentences are short and use no abbreviation. A test says when a language lacks a word.
"""

from enum import StrEnum

from postal.domain.status import Status
from postal.queries.lateness import Clock
from postal.queries.tracking import Milestone, Turn


class Language(StrEnum):
    """The languages of the citizen's pages, by their tags."""

    VI = "vi"
    EN = "en"


Pair = tuple[str, str]

WORDS: dict[str, Pair] = {
    # --- the frame
    "site": ("Hồ sơ qua bưu chính", "Dossiers by post"),
    "skip": ("Đến nội dung chính", "Skip to the content"),
    "demo": (
        "DỮ LIỆU GIẢ để chạy thử. Mọi người và hồ sơ ở đây đều không có thật.",
        "MADE-UP DATA for trying out. No person and no dossier here is real.",
    ),
    "demo_short": ("Dữ liệu giả", "Made-up data"),
    "languages": ("Ngôn ngữ", "Language"),
    "error": ("Lỗi: {title}", "Error: {title}"),
    "staff": ("Dành cho nhân viên", "For staff"),
    # --- looking up
    "look_up": ("Tra cứu hồ sơ", "Track a dossier"),
    "look_up_lead": (
        "Xem hồ sơ đang ở đâu, đến lượt ai và ngày nào xong. Không cần đăng nhập.",
        "See where your papers are, whose turn it is and by when. No sign-in.",
    ),
    "look_up_qr": (
        "Cách nhanh nhất: mở máy ảnh hoặc Zalo và đưa mã QR trên phiếu gửi vào ô vuông.",
        "The quickest way: point your phone's camera at the QR code on your slip.",
    ),
    "code_label": (
        "Mã tra cứu (10 ký tự, in dưới mã QR trên phiếu gửi)",
        "Tracking code (10 characters, under the QR on your slip)",
    ),
    "pin_label": (
        "Mã PIN 6 số (trong tin nhắn hoặc trên phiếu gửi)",
        "6-digit PIN, from your message or your slip",
    ),
    "pin_hint": (
        "Chưa có mã PIN thì để trống. Khi đó trang chỉ cho biết hồ sơ đã đến bước nào.",
        "Leave it empty if you have none. You will then see only which step it has reached.",
    ),
    "view": ("Xem hồ sơ", "View"),
    "missed": (
        "Mã tra cứu hoặc mã PIN chưa đúng. Cần giúp, gọi {hotline}.",
        "The code or the PIN is not right. For help, call {hotline}.",
    ),
    "mistyped": (
        "Mã chưa đúng, xin xem lại. Mã chỉ gồm số từ 2 đến 9 và các chữ B C F G H J K M N P Q R T V X.",
        "One character is wrong. Only digits 2 to 9 and the letters B C F G H J K M N P Q R T V X are used.",
    ),
    # --- the sentence, where a fact is not known or not open
    "genuine_step": ("Hồ sơ đang ở bước {step}: {name}.", "Your papers are at step {step}: {name}."),
    "genuine_done": ("Hồ sơ đã xong cả 5 bước.", "All 5 steps are done."),
    "genuine_none": (
        "Mã này có thật. Hồ sơ chưa được gửi đi hoặc đã trả lại tại quầy.",
        "This code is genuine. The papers were not sent, or were given back at the counter.",
    ),
    "genuine": ("Mã này có thật và do bưu điện cấp.", "This code is genuine and was issued by the post."),
    "received_without_date": (
        "Cơ quan đã nhận. Ngày hẹn trả kết quả sẽ được báo sau.",
        "The authority has received it. The due date will follow.",
    ),
    "visited_without_date": (
        "Bưu tá đã đến nhưng chưa gặp ông/bà. Bưu điện sẽ báo ngày đến lại.",
        "The postman missed you. The post will tell you the day of the next visit.",
    ),
    "arrived_without_place": ("Hồ sơ đã đến bưu cục.", "Your papers have arrived at a post office."),
    "pickup_without_place": (
        "Mời ông/bà đến bưu cục nhận. Mang theo căn cước.",
        "Please collect it at the post office. Bring your identity card.",
    ),
    "delivered_without_date": ("Đã phát kết quả.", "The result was delivered."),
    "at_desk": (
        "Đã có kết quả. Mời ông/bà đến {place} nhận.",
        "The result is ready. Please collect it at {place}.",
    ),
    "reason_closed": ("nhập mã PIN để xem", "enter your PIN to read it"),
    "reason_gone": ("gọi {hotline} để hỏi", "call {hotline} to ask"),
    # --- the box
    "in_short": ("Tóm tắt", "In short"),
    "complaint": (
        "Bưu điện trả lời khiếu nại chậm nhất ngày {day}.",
        "The post answers your complaint by {day}.",
    ),
    "complaint_late": (
        "Bưu điện chưa trả lời khiếu nại, đã quá ngày {day}. Bưu điện xin lỗi ông/bà.",
        "The post has not answered your complaint by {day}. The post apologises.",
    ),
    "no_date": ("Chưa có ngày dự kiến.", "There is no expected date yet."),
    "standing": (
        "Thời hạn đang tạm dừng, chờ ông/bà bổ sung giấy tờ.",
        "The clock stands until the missing papers are in.",
    ),
    "standing_fees": (
        "Thời hạn đang tạm dừng, chờ ông/bà nộp phí, lệ phí.",
        "The clock stands until the fees are paid.",
    ),
    "standing_all_in": (
        "Thời hạn đang tạm dừng, chờ cơ quan xác nhận đã đủ giấy tờ.",
        "The clock stands until the authority confirms that all papers are in.",
    ),
    "provisional": (
        "Ngày tạm tính, vì lịch nghỉ của năm đó chưa công bố.",
        "Provisional: the days off of that year are not published yet.",
    ),
    "to_do": ("Ông/bà cần làm gì", "What you have to do"),
    "turn": ("Đang đến lượt", "Whose turn"),
    "updated": ("Cập nhật lúc {time} ngày {day}.", "Updated at {time}, {day}."),
    "last_event": ("Lần cập nhật hồ sơ gần nhất", "Last news of your papers"),
    # --- late
    "late_title": ("Hồ sơ đang chậm", "Your papers are late"),
    "may_be_late_title": ("Hồ sơ có thể chậm", "Your papers may be late"),
    "silent_title": ("Lâu chưa có tin mới", "No news for a while"),
    "late_post": (
        "Hồ sơ đang chậm {days} ngày làm việc ở khâu chuyển. Bưu điện xin lỗi ông/bà.",
        "Your papers are late in the post by {days} working day(s). The post apologises.",
    ),
    "late_back": (
        "Kết quả đang chậm {days} ngày làm việc ở khâu chuyển. Bưu điện xin lỗi ông/bà.",
        "Your result is late in the post by {days} working day(s). The post apologises.",
    ),
    "late_supplement": (
        "Giấy tờ bổ sung đang chậm {days} ngày làm việc ở khâu chuyển. Bưu điện xin lỗi ông/bà.",
        "Your added papers are late in the post by {days} working day(s). The post apologises.",
    ),
    "late_papers": (
        "Giấy tờ trả lại đang chậm {days} ngày làm việc ở khâu chuyển. Bưu điện xin lỗi ông/bà.",
        "Your returned papers are late in the post by {days} working day(s). The post apologises.",
    ),
    "moved_title": ("Hẹn lại ngày trả kết quả", "New date for your result"),
    "moved_late": (
        "Đã quá ngày hẹn {days} ngày làm việc. {place} xin lỗi ông/bà và hẹn lại: {day}.",
        "The due date passed {days} working day(s) ago. {place} apologises. New date: {day}.",
    ),
    "moved": (
        "Kết quả chậm so với ngày hẹn {was}. {place} xin lỗi ông/bà và hẹn lại: {day}.",
        "Your result will be later than {was}. {place} apologises. New date: {day}.",
    ),
    "moved_cause": ("Lý do: {cause}.", "Reason: {cause}."),
    "late_authority": (
        "Đã quá ngày hẹn {days} ngày làm việc. {place} xin lỗi ông/bà.",
        "The due date passed {days} working day(s) ago. {place} apologises.",
    ),
    "late_holder": ("Đang ở: {place}.", "It is with: {place}."),
    "late_was_due": ("Ngày hẹn trước: {day}.", "It was due on {day}."),
    "late_new_date": ("Ngày dự kiến mới: {day}.", "New expected date: {day}."),
    "late_no_date": (
        "Chưa có ngày hẹn mới. {place} phải trả lời trước 17 giờ ngày {day}.",
        "There is no new date yet. {place} must answer before 17:00 on {day}.",
    ),
    "late_call": ("Cần hỏi thêm, gọi {hotline}.", "To ask, call {hotline}."),
    "may_be_late": (
        "Hồ sơ có thể chậm 1 ngày làm việc do chưa rời {place}. Chúng tôi sẽ báo lại trước 17 giờ hôm nay.",
        "It may be 1 working day late: it has not left {place}. We will tell you before 17:00 today.",
    ),
    "silent": (
        "Chưa có cập nhật từ ngày {day}. Lâu hơn bình thường. Chúng tôi đã yêu cầu {place} kiểm tra.",
        "No news since {day}. That is longer than usual. We have asked {place} to check.",
    ),
    "the_post": ("Bưu điện", "The post"),
    "the_authority": ("Cơ quan giải quyết", "The authority"),
    # --- more papers
    "papers_count": ("Số giấy tờ cần bổ sung", "Papers to add"),
    "papers_closed": ("Nhập mã PIN để xem danh sách.", "Enter your PIN to see which ones."),
    "papers_title": ("Giấy tờ cần bổ sung", "Papers to add"),
    "papers_where": (
        "Nộp tại bất kỳ bưu cục nào, đưa phiếu gửi này.",
        "Hand them in at any post office and show your slip.",
    ),
    "papers_brought": (
        "Bưu điện đã nhận {count} giấy tờ bổ sung.",
        "The post has {count} of the papers already.",
    ),
    "papers_all_in": (
        "Bưu điện đã nhận đủ {count} giấy tờ bổ sung và chuyển cho cơ quan.",
        "The post has all {count} papers and brings them to the authority.",
    ),
    "papers_due": ("Hạn: {day}.", "Bring them by {day}."),
    "policy_restart": (
        "Thời hạn giải quyết được tính lại từ ngày nhận đủ giấy tờ.",
        "The time limit begins again on the day all papers are in.",
    ),
    "policy_pause": (
        "Thời hạn tạm dừng đến ngày nhận đủ.",
        "The time limit stands until all papers are in.",
    ),
    "policy_none": (
        "Thời hạn giải quyết vẫn tiếp tục tính.",
        "The time limit goes on.",
    ),
    "amount": ("Phí, lệ phí còn phải nộp", "Fees still to pay"),
    "postage": ("Cước còn phải trả", "Postage still to pay"),
    # --- what is still open
    "paid": (
        "Bưu điện đã nhận {amount}. Đang chờ cơ quan xác nhận.",
        "The post has received {amount}. The authority will confirm it.",
    ),
    "pay_where": (
        "Nộp tại bất kỳ bưu cục nào hoặc nộp cho bưu tá. Luôn lấy biên lai.",
        "Pay at any post office or to the postman. Always take a receipt.",
    ),
    "fetched_on": (
        "Bưu tá đến nhà lấy giấy tờ: {day}.",
        "The postman comes for your papers: {day}.",
    ),
    "first_invitation": (
        "Đây là lần mời thứ nhất. Không đến kịp, bưu điện sẽ mời thêm một lần.",
        "This is the first invitation. There will be one more.",
    ),
    "last_invitation": (
        "Đây là lần mời cuối. Không đến kịp, bưu điện phải chuyển trả cơ quan.",
        "This is the last invitation. After that it goes back to the authority.",
    ),
    "owed_originals": ("Bản chính chưa trả lại ông/bà", "Your originals still to come back"),
    # --- steps
    "steps": ("Năm bước của hồ sơ", "The five steps"),
    "step_done": ("đã xong", "done"),
    "step_here": ("đang ở bước này", "now"),
    "step_ahead": ("chưa đến", "to come"),
    # --- facts
    "facts": ("Thông tin hồ sơ", "Facts"),
    "fact_code": ("Mã tra cứu", "Tracking code"),
    "fact_reason": ("Lý do của cơ quan", "The authority's reason"),
    "fact_procedure": ("Thủ tục", "Procedure"),
    "fact_name": ("Người nộp", "Handed in by"),
    "fact_commune": ("Nơi nhận kết quả", "Delivery in"),
    "fact_holder": ("Đang ở", "Where it is"),
    "change_delivery": (
        "Muốn đổi nơi nhận kết quả, gọi {hotline} và đọc mã tra cứu.",
        "To change where the result goes, call {hotline} and read out your code.",
    ),
    "log": ("Nhật ký: hồ sơ đã qua những nơi nào", "Log: where your papers have been"),
    "log_you": ("Ông/bà", "You"),
    # --- more with the PIN
    "pin_title": ("Xem thêm bằng mã PIN", "See more with your PIN"),
    "pin_lead": (
        "Mã PIN mở thêm: tên thủ tục, giấy tờ cần bổ sung, lý do và nơi nhận kết quả.",
        "The PIN also opens the procedure, which papers are missing, reasons and the place of delivery.",
    ),
    "qr_lead": (
        "Quét mã QR trên phiếu gửi để xem ngày hẹn, đến lượt ai và hồ sơ đã qua đâu.",
        "Scan the QR code on your slip to see the date, whose turn it is and where it has been.",
    ),
    # --- the foot
    "call": ("Gọi {hotline}", "Call {hotline}"),
    "help": ("Cần giúp", "Help"),
    "fraud_title": ("Cẩn thận lừa đảo", "Beware of fraud"),
    "fraud": (
        "Trang này không bao giờ hỏi số căn cước, mật khẩu, mã OTP và không yêu cầu chuyển tiền hay cài ứng dụng.",
        "This page never asks for your identity number, a password or a one-time code, nor for money or an app.",
    ),
    "hidden_title": ("Thông tin không hiện ở đây", "What this page does not show"),
    "hidden": (
        "Họ tên đầy đủ, số căn cước, địa chỉ, số điện thoại. Tên nhân viên và bản chụp giấy tờ.",
        "Full names, identity numbers, addresses, phone numbers, names of staff and scans are never shown here.",
    ),
}
"""Sentences by name: (Vietnamese, English)."""

EXPECTED: dict[Milestone, Pair] = {
    Milestone.AT_AUTHORITY: ("Dự kiến đến cơ quan: {day}.", "Expected at the authority: {day}."),
    Milestone.RESULT: ("Hẹn trả kết quả: {day}.", "Result due: {day}."),
    Milestone.AT_DELIVERY: ("Dự kiến phát kết quả: {day}.", "Delivery expected: {day}."),
    Milestone.PAPERS_BACK: ("Dự kiến phát lại giấy tờ: {day}.", "Delivery of your papers expected: {day}."),
    Milestone.NEXT_VISIT: ("Bưu tá đến lại: {day}.", "Next visit: {day}."),
    Milestone.PICKUP_UNTIL: ("Đến nhận trước: {day}.", "Collect it before {day}."),
}

TURNS: dict[Turn, Pair] = {
    Turn.POST: ("Bưu điện", "The post"),
    Turn.AUTHORITY: ("Cơ quan giải quyết", "The authority"),
    Turn.CITIZEN: ("Ông/bà", "You"),
    Turn.NOBODY: ("Không còn việc phải làm", "Nothing is left to do"),
}

LATE: dict[Clock, Pair] = {
    Clock.POST_OUT: WORDS["late_post"],
    Clock.SUPPLEMENT: WORDS["late_supplement"],
    Clock.POST_BACK: WORDS["late_back"],
    Clock.PAPERS_BACK: WORDS["late_papers"],
    Clock.AUTHORITY: WORDS["late_authority"],
}

NOTHING_TO_DO: Pair = ("Ông/bà chưa cần làm gì.", "Nothing for now.")
_WE_CALL: Pair = (
    "Ông/bà chưa cần làm gì. Bưu điện sẽ gọi cho ông/bà.",
    "Nothing for now. The post will call you.",
)
_ASK_AUTHORITY: Pair = (
    "Xem lý do. Cần hỏi thêm, gọi số ở cuối trang.",
    "Read the reason. To ask, call the number below.",
)

TO_DO: dict[Status, Pair] = {
    Status.AWAITING_PAPERS: (
        "Chuẩn bị đủ giấy tờ, để ngỏ bì thư. Bưu tá đếm và niêm phong trước mặt ông/bà.",
        "Have your papers ready in an open envelope. The postman counts and seals them before you.",
    ),
    Status.ACCEPTED: NOTHING_TO_DO,
    Status.SCANNED: NOTHING_TO_DO,
    Status.BAGGED: NOTHING_TO_DO,
    Status.DEPARTED: NOTHING_TO_DO,
    Status.ARRIVED: NOTHING_TO_DO,
    Status.HANDED_OVER: NOTHING_TO_DO,
    Status.AGENCY_RECEIVED: NOTHING_TO_DO,
    Status.PROCESSING: NOTHING_TO_DO,
    Status.NEED_MORE: (
        "Nộp giấy tờ còn thiếu tại bất kỳ bưu cục nào. Mang theo phiếu gửi.",
        "Hand in the missing papers at any post office. Bring your slip.",
    ),
    Status.FEE_DUE: (
        "Nộp tiền tại bất kỳ bưu cục nào hoặc nộp cho bưu tá. Luôn lấy biên lai.",
        "Pay at any post office or to the postman. Always take a receipt.",
    ),
    Status.REFUSED: _ASK_AUTHORITY,
    Status.WITHDRAWN: NOTHING_TO_DO,
    Status.STOPPED: _ASK_AUTHORITY,
    Status.RESULT_READY: NOTHING_TO_DO,
    Status.RESULT_COLLECTED: NOTHING_TO_DO,
    Status.OUT_FOR_DELIVERY: (
        "Chuẩn bị căn cước và phiếu gửi. Người nhận thay cần giấy ủy quyền.",
        "Have your identity card and slip ready. Somebody else needs an authorisation.",
    ),
    Status.DELIVERY_FAILED: (
        "Chuẩn bị căn cước và phiếu gửi cho lần đến sau.",
        "Have your identity card and slip ready for the next visit.",
    ),
    Status.AT_POST_OFFICE: (
        "Đến bưu cục nhận. Mang theo căn cước và phiếu gửi.",
        "Collect it at the post office. Bring your identity card and slip.",
    ),
    Status.SENT_BACK: (
        "Liên hệ cơ quan để hẹn cách nhận. Mang theo căn cước và phiếu gửi khi đến nhận.",
        "Ask the authority how to get it. Bring your identity card and slip.",
    ),
    Status.DELIVERED: ("Ông/bà không cần làm gì nữa.", "Nothing more."),
    Status.PAPERS_COLLECTED: NOTHING_TO_DO,
    Status.PAPERS_OUT_FOR_DELIVERY: (
        "Chuẩn bị căn cước và phiếu gửi. Người nhận thay cần giấy ủy quyền.",
        "Have your identity card and slip ready. Somebody else needs an authorisation.",
    ),
    Status.PAPERS_DELIVERED: ("Ông/bà không cần làm gì nữa.", "Nothing more."),
    Status.MISSING: _WE_CALL,
    Status.DAMAGED: _WE_CALL,
    Status.MISROUTED: NOTHING_TO_DO,
    Status.TURNED_BACK: (
        "Chuẩn bị đủ giấy tờ theo phiếu hướng dẫn rồi quay lại bưu cục.",
        "Get the papers of the list together, then come back to the post office.",
    ),
    Status.VOIDED: ("Ông/bà không cần làm gì nữa.", "Nothing more."),
}
TO_DO_BEFORE_IT_LEAVES: Pair = (
    "Kết quả còn ở {place}. Đến đó ngay thì vẫn nhận được, mang theo căn cước và phiếu gửi.",
    "The result is still at {place}. Come at once to get it there, with your identity card and slip.",
)
TO_DO_AT_DESK: Pair = (
    "Đến nơi trả kết quả. Mang theo căn cước và giấy hẹn.",
    "Go and collect it. Bring your identity card and the appointment slip.",
)


def say(pair: Pair, language: Language, **fields: object) -> str:
    """Return a sentence in a language with its fields filled in."""
    return pair[language is Language.EN].format(**fields)
