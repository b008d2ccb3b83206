// What every player here has in common: times, speeds, keys, the track, the mark in the picture, what the site is told.
"use strict";

const BEAT_EVERY_MS = 20_000;
const BEATS_MISSED_AT_MOST = 3;

function timecode(ms) {
  const whole = Math.max(0, Math.round(ms));
  const part = (unit, size) => String(Math.floor(whole / unit) % size).padStart(2, "0");
  const hours = String(Math.floor(whole / 3_600_000)).padStart(2, "0");
  return `${hours}:${part(60_000, 60)}:${part(1000, 60)}.${String(whole % 1000).padStart(3, "0")}`;
}

async function sentenceOf(answer) {
  try {
    return (await answer.json()).sentence;
  } catch {
    return ""; // The page's own sentence is shown.
  }
}

// A redirect leads to the sign-in page: whoever was signed in is not any more.
function saysGone(answer) {
  return [401, 403, 410].includes(answer.status) || answer.type === "opaqueredirect";
}

function postTo(root, url, said, more = {}) {
  const token = root.querySelector("[name=csrfmiddlewaretoken]").value;
  const headers = { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token };
  return fetch(url, { method: "POST", redirect: "manual", headers, body: JSON.stringify(said), ...more });
}

function wasReloaded() {
  return performance.getEntriesByType("navigation")[0]?.type === "reload";
}

// Whoever extends it knows `wholeMs` and `nowMs`, `speeds` and `speed`, and can `seek`, `setSpeed`, `step` and `toggle`.
class Transport {
  constructor(root) {
    this.root = root;
    this.say = root.dataset;
    this.track = root.querySelector("[role=slider]");
    this.noteForm = document.querySelector("form[data-note]");
  }

  jump(ms) {
    this.seek(this.nowMs + ms);
  }

  changeSpeed(by) {
    const at = this.speeds.indexOf(this.speed);
    this.setSpeed(this.speeds[Math.min(Math.max(at + by, 0), this.speeds.length - 1)]);
  }

  toggleHelp() {
    const help = this.root.querySelector(".player__keys");
    help.open = !help.open;
    if (help.open) help.scrollIntoView({ block: "nearest" });
  }

  tell(sentence) {
    this.root.querySelector(".player__say").textContent = sentence;
  }

  // Who watches stands in the picture; what was photographed from the screen then says when. It follows into full screen,
  // as the whole player does.
  drawMark() {
    const zone = this.root.querySelector("[data-mark]")?.dataset.zone;
    if (!zone) return;
    const parts = { dateStyle: "short", timeStyle: "medium", timeZone: zone, hourCycle: "h23" };
    const form = new Intl.DateTimeFormat("sv-SE", parts);
    const draw = () => {
      for (const time of this.root.querySelectorAll("[data-mark-time]")) time.textContent = form.format(new Date());
    };
    draw();
    setInterval(draw, 1000);
  }

  // A button for each moment that somebody wrote something at, on its lane.
  markerOf(link, atMs, go) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      go();
    });
    const marker = document.createElement("button");
    marker.type = "button";
    marker.title = link.dataset.text;
    marker.setAttribute("aria-label", `${link.textContent} ${link.dataset.text}`);
    marker.style.insetInlineStart = `${(100 * atMs) / this.wholeMs}%`;
    marker.addEventListener("click", go);
    return marker;
  }

  listenToControls() {
    for (const button of this.root.querySelectorAll("[data-do]")) {
      button.addEventListener("click", () => this.acts()[button.dataset.do]());
    }
    const speed = this.root.querySelector("[data-speed]");
    speed.addEventListener("change", () => this.setSpeed(Number(speed.value)));
    this.listenToTrack();
    document.addEventListener("keydown", (event) => this.key(event));
    document.addEventListener("visibilitychange", () => document.hidden || this.beat());
    window.addEventListener("pagehide", () => this.leave());
    window.addEventListener("pageshow", (event) => event.persisted && location.reload());
  }

  listenToTrack() {
    const at = (event) => {
      const box = this.track.getBoundingClientRect();
      return ((event.clientX - box.left) / box.width) * this.wholeMs;
    };
    this.track.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      this.track.setPointerCapture(event.pointerId);
      this.seek(at(event));
    });
    this.track.addEventListener("pointermove", (event) => {
      if (this.track.hasPointerCapture(event.pointerId)) this.seek(at(event));
    });
  }

  // What the buttons do, by name; a player with more of them adds its own.
  acts() {
    return {
      toggle: () => this.toggle(),
      "frame-back": () => this.step(-1),
      "frame-on": () => this.step(1),
      back: () => this.jump(-5000),
      on: () => this.jump(5000),
      help: () => this.toggleHelp(),
    };
  }

  // What the keys do; a player with more of them adds its own.
  keys() {
    return {
      " ": () => this.toggle(),
      k: () => this.pause(),
      ",": () => this.step(-1),
      ".": () => this.step(1),
      "<": () => this.changeSpeed(-1),
      ">": () => this.changeSpeed(1),
      ArrowLeft: () => this.jump(-5000),
      ArrowRight: () => this.jump(5000),
      n: () => this.startNote(),
      "?": () => this.toggleHelp(),
    };
  }

  key(event) {
    const target = event.target;
    if (event.ctrlKey || event.altKey || event.metaKey || target.closest("input, textarea, select")) return;
    if ([" ", "Enter"].includes(event.key) && target.closest("button, a, summary")) return;
    const onTrack = {
      Home: () => this.seek(0),
      End: () => this.seek(this.wholeMs),
      PageUp: () => this.jump(this.wholeMs / 10),
      PageDown: () => this.jump(-this.wholeMs / 10),
      ArrowUp: () => this.jump(1000),
      ArrowDown: () => this.jump(-1000),
    };
    const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const act = this.keys()[name] || (target === this.track && onTrack[name]);
    if (!act) return;
    event.preventDefault();
    act();
  }
}
