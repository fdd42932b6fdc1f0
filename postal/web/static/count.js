// Counts while the receiver ticks: the number, the words of the button and what it stands for. The server checks all three.
(function () {
  "use strict";
  var form = document.querySelector("form.counting");
  if (!form) return;
  var words = [["missing", "thiếu"], ["damaged", "rách, ướt"], ["wrong_place", "sai nơi"]];
  var taken = form.querySelector(".taken"), sign = form.querySelector("button.sign");

  function count() {
    var counts = { ok: 0, missing: 0, damaged: 0, wrong_place: 0 }, total = 0;
    form.querySelectorAll("table.lines input:checked").forEach(function (choice) {
      counts[choice.value] += 1;
      total += 1;
      choice.closest("tr").className = choice.value === "ok" ? "" : "differs";
    });
    var parts = words.filter(function (word) { return counts[word[0]]; })
      .map(function (word) { return ", " + word[1] + " " + counts[word[0]]; });
    taken.textContent = counts.ok;
    sign.textContent = "Ký nhận " + counts.ok + "/" + total + parts.join("");
    sign.value = Object.keys(counts).map(function (key) { return key + ":" + counts[key]; }).join(",");
  }
  form.addEventListener("change", count);
})();
