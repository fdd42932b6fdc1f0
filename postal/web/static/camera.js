// A live camera where the browser reads codes by itself. Elsewhere, and without this script, a photo is sent instead.
(async function () {
  "use strict";
  const box = document.querySelector("details.camera"), field = document.getElementById("scan");
  if (!box || !field || !("BarcodeDetector" in window) || !navigator.mediaDevices) return;
  const formats = (await BarcodeDetector.getSupportedFormats()).filter((f) => /^(qr_code|code_128|code_39)$/.test(f));
  if (!formats.includes("qr_code")) return;
  const detector = new BarcodeDetector({ formats });
  const photo = box.querySelector("form"), view = document.createElement("div");
  view.innerHTML = '<video muted playsinline aria-label="Hình từ máy ảnh"></video><p role="status"></p>';
  const [video, status] = view.children;
  let stream = null, isAsking = false;

  function stop() {
    if (stream) stream.getTracks().forEach((track) => track.stop());
    stream = null;
    view.remove();
    photo.hidden = false;
  }
  async function look() {
    if (!stream) return;
    const seen = await detector.detect(video).catch(() => []);
    const texts = new Set(seen.map((code) => code.rawValue.trim()).filter(Boolean));
    if (stream && texts.size === 1) {
      stop();
      box.open = false;
      field.value = [...texts][0];
      field.form.requestSubmit();
      return;
    }
    status.textContent = texts.size ? "Có " + texts.size + " mã. Che bớt để chỉ còn một mã." : "Đưa mã vào giữa khung.";
    setTimeout(look, 200);
  }
  async function toggled() {
    if (!box.open) return stop();
    if (stream || isAsking) return;
    isAsking = true;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    } catch {
      return; // no camera, or no leave to use it: the photo form stays
    } finally {
      isAsking = false;
    }
    if (!box.open) return stop();
    photo.hidden = true;
    box.append(view);
    video.srcObject = stream;
    video.play().catch(() => {});
    look();
  }
  box.addEventListener("toggle", toggled);
  if (box.open) toggled();
})();
