// What a phone adds to a form: photos made small before they are sent, and where the phone is. Without it all works.
"use strict";

const LONGEST_SIDE = 1280;
const LARGEST = 100000;
const QUALITIES = [0.8, 0.65, 0.5, 0.35];
const SHRINK = 0.75;

const written = (canvas, quality) => new Promise((done) => canvas.toBlob(done, "image/jpeg", quality));

const small = async (photo) => {
  const picture = await createImageBitmap(photo, { imageOrientation: "from-image" });
  let scale = Math.min(1, LONGEST_SIDE / Math.max(picture.width, picture.height));
  for (;;) {
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(picture.width * scale));
    canvas.height = Math.max(1, Math.round(picture.height * scale));
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    for (const quality of QUALITIES) {
      const blob = await written(canvas, quality);
      if (blob.size <= LARGEST || canvas.width < 100) return blob;
    }
    scale *= SHRINK;
  }
};

for (const field of document.querySelectorAll('input[type="file"][accept^="image"]')) {
  field.addEventListener("change", async () => {
    const photo = field.files[0];
    if (!photo) return;
    const button = field.form.querySelector('button[type="submit"]');
    button.disabled = true;
    try {
      const files = new DataTransfer();
      files.items.add(new File([await small(photo)], "photo.jpg", { type: "image/jpeg" }));
      field.files = files.files;
    } catch {
      // no picture this browser can read: the server looks at it and says so
    } finally {
      button.disabled = false;
    }
  });
}

if (navigator.geolocation && document.querySelector("[data-spot]")) {
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      const seen = { lat: coords.latitude, lon: coords.longitude, accuracy: coords.accuracy };
      for (const field of document.querySelectorAll("[data-spot]")) field.value = seen[field.name];
    },
    () => {},
    { enableHighAccuracy: true, timeout: 20000, maximumAge: 30000 },
  );
}

// How long the pages of this door were open, added up: several things at one door, and a form that had to be mended.
// Counted by the browser's own stopwatch, so a wrong clock does not matter.
{
  const door = `open ${location.pathname.split("/").slice(0, 4).join("/")}`;
  const kept = (work) => {
    try {
      return work();
    } catch {
      return null; // a browser that keeps nothing for us tells of this page alone
    }
  };
  const before = Number(kept(() => sessionStorage.getItem(door))) || 0;
  const tell = ({ target }) => {
    const seconds = Math.round(before + performance.now() / 1000);
    kept(() => sessionStorage.setItem(door, seconds));
    for (const field of target.querySelectorAll("[data-open]")) field.value = seconds;
  };
  document.addEventListener("submit", tell, true);
}
