// The player that follows: buttons play from their second, the turn being spoken is shown, ?t= starts there.
"use strict";
(() => {
  // voice messages of a chat: each button plays its own sound, one at a time
  let voice = null;
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-voice]");
    if (!button) return;
    if (voice) voice.pause();
    voice = new Audio(button.dataset.voice);
    voice.play().catch(() => {});
  });

  const audio = document.querySelector("audio");
  if (!audio) return;
  const turns = [...document.querySelectorAll(".turn[data-start]")];
  let stopAt = null;

  function play(start, end) {
    stopAt = end;
    audio.currentTime = Math.max(0, start - 0.3);
    const started = audio.play();
    if (started) started.catch(() => {}); // browsers may want a click first: the place is set all the same
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-play]");
    if (!button) return;
    event.preventDefault();
    play(parseFloat(button.dataset.play), button.dataset.until ? parseFloat(button.dataset.until) + 0.4 : null);
    for (const mark of document.querySelectorAll("mark.loud")) mark.classList.remove("loud");
    if (button.dataset.tag) {
      for (const mark of document.querySelectorAll(`mark[data-tags~="${button.dataset.tag}"]`)) mark.classList.add("loud");
    }
  });

  let shown = null;
  audio.addEventListener("timeupdate", () => {
    if (stopAt !== null && audio.currentTime >= stopAt) {
      audio.pause();
      stopAt = null;
    }
    const now = turns.findLast((t) => parseFloat(t.dataset.start) <= audio.currentTime + 0.05);
    if (now === shown) return;
    if (shown) shown.classList.remove("now");
    shown = now;
    if (!now) return;
    now.classList.add("now");
    if (!audio.paused) now.scrollIntoView({ block: "center", behavior: "smooth" });
  });

  const wanted = new URLSearchParams(location.search);
  if (wanted.has("t")) {
    const begin = () => play(parseFloat(wanted.get("t")), wanted.has("until") ? parseFloat(wanted.get("until")) + 0.4 : null);
    if (audio.readyState >= 1) begin();
    else audio.addEventListener("loadedmetadata", begin, { once: true });
  }
})();
