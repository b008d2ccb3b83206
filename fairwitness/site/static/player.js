// Plays one recording: frame exact, by keyboard, with lanes; tells the site how long was played; stops when told to.
// With playing.js.
"use strict";

const SPEEDS = [0.25, 0.5, 1, 1.5, 2, 4];
const FALLBACK_STEP_S = 1 / 25; // One step where the frame rate is not constant.
const REVERSE_TICK_MS = 100;

class Player extends Transport {
  constructor(root) {
    super(root);
    this.media = root.querySelector("video, audio");
    this.speeds = SPEEDS;
    this.head = root.querySelector(".player__head");
    this.framesPerSecond = Number(root.dataset.fpsNum) / Number(root.dataset.fpsDen) || null;
    this.kept = `fairwitness.viewing.${this.say.endUrl}`;
    this.playedMs = 0;
    this.staying = false;
    this.lastSeen = 0;
    this.missed = 0;
    this.reverse = null;
    this.over = false;
    this.media.controls = false;
    this.listen();
    this.drawNotes();
    this.drawFilmstrip();
    this.goOn();
    this.goToHash();
    this.show();
    this.beating = setInterval(() => this.beat(), BEAT_EVERY_MS);
    this.drawMark();
  }

  // What is known

  get wholeMs() {
    const found = this.media.duration * 1000;
    return Number.isFinite(found) ? found : Number(this.say.durationMs);
  }

  get nowMs() {
    return this.media.currentTime * 1000;
  }

  get speed() {
    return this.media.playbackRate;
  }

  get frame() {
    // The thousandth absorbs the rounding of the clock; a frame's own time is its beginning.
    return this.framesPerSecond ? Math.floor(this.media.currentTime * this.framesPerSecond + 0.001) : null;
  }

  // What can be done

  async play() {
    this.stopReverse();
    try {
      await this.media.play();
    } catch (error) {
      if (error.name !== "AbortError") this.tell(this.say.sayUnplayable);
    }
  }

  pause() {
    this.stopReverse();
    this.media.pause();
  }

  toggle() {
    if (this.media.paused && !this.reverse) this.play();
    else this.pause();
  }

  seek(ms) {
    if (this.over) return;
    this.media.currentTime = Math.min(Math.max(ms, 0), this.wholeMs) / 1000;
    this.show();
  }

  step(count) {
    this.pause();
    if (!this.framesPerSecond) return this.jump(count * FALLBACK_STEP_S * 1000);
    // The middle of a frame, so that no rounding shows its neighbour.
    return this.seek(((this.frame + count + 0.5) / this.framesPerSecond) * 1000);
  }

  setSpeed(speed) {
    this.media.playbackRate = speed;
    this.root.querySelector("[data-speed]").value = String(speed);
  }

  forward() {
    if (this.media.paused) {
      this.setSpeed(1);
      this.play();
    } else {
      this.setSpeed(Math.min(4, Math.max(1, this.media.playbackRate) * 2));
    }
  }

  backward() {
    // Browsers do not play backwards; seeking in small steps shows the picture all the same.
    const speed = this.reverse ? Math.min(4, this.reverse.speed * 2) : 1;
    this.pause();
    const timer = setInterval(() => {
      this.jump(-REVERSE_TICK_MS * speed);
      if (this.media.currentTime === 0) this.stopReverse();
    }, REVERSE_TICK_MS);
    this.reverse = { speed, timer };
  }

  stopReverse() {
    if (this.reverse) clearInterval(this.reverse.timer);
    this.reverse = null;
  }

  toggleMute() {
    this.media.muted = !this.media.muted;
  }

  toggleFullscreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else this.root.requestFullscreen();
  }

  startNote() {
    if (!this.noteForm) return;
    this.pause();
    this.noteForm.elements.at_ms.value = String(Math.round(this.nowMs));
    this.noteForm.querySelector("[data-note-at]").textContent = timecode(this.nowMs);
    this.noteForm.querySelector("textarea, input:not([type=hidden])").focus();
  }

  // What is shown

  show() {
    const position = this.nowMs;
    const frame = this.frame;
    this.root.querySelector("[data-position]").textContent = timecode(position);
    this.root.querySelector("[data-frame]").textContent = frame === null ? "" : `${this.say.sayFrame} ${frame}`;
    this.track.setAttribute("aria-valuemax", String(Math.round(this.wholeMs)));
    this.track.setAttribute("aria-valuenow", String(Math.round(position)));
    this.track.setAttribute("aria-valuetext", timecode(position));
    this.head.style.insetInlineStart = `${(100 * position) / this.wholeMs}%`;
  }

  showPlaying() {
    const playing = !this.media.paused;
    this.root.classList.toggle("player--playing", playing);
    const button = this.root.querySelector("[data-do=toggle]");
    button.setAttribute("aria-label", playing ? this.say.sayPause : this.say.sayPlay);
    this.show();
    if (playing) this.follow();
  }

  follow() {
    if (this.media.paused) return;
    this.count();
    this.show();
    requestAnimationFrame(() => this.follow());
  }

  drawNotes() {
    const lane = this.root.querySelector(".player__notes-lane");
    for (const link of document.querySelectorAll("[data-seek]")) {
      const atMs = Number(link.dataset.seek);
      lane.append(this.markerOf(link, atMs, () => this.seek(atMs)));
    }
  }

  drawFilmstrip() {
    const sprite = this.root.querySelector("[data-tiles]");
    if (!sprite) return;
    const canvas = document.createElement("canvas");
    canvas.className = "player__film";
    canvas.setAttribute("aria-hidden", "true");
    const draw = () => {
      // As many tiles as fit in their own shape, each the one nearest to its place in time.
      const tiles = Number(sprite.dataset.tiles);
      const tileWidth = sprite.naturalWidth / tiles;
      const scale = window.devicePixelRatio;
      canvas.width = canvas.clientWidth * scale;
      canvas.height = canvas.clientHeight * scale;
      const width = (tileWidth / sprite.naturalHeight) * canvas.height;
      const places = Math.max(1, Math.round(canvas.width / width));
      const context = canvas.getContext("2d");
      for (let place = 0; place < places; place += 1) {
        const tile = Math.floor(((place + 0.5) / places) * tiles);
        const left = (place * canvas.width) / places;
        context.drawImage(
          sprite, tile * tileWidth, 0, tileWidth, sprite.naturalHeight, left, 0, canvas.width / places, canvas.height,
        );
      }
    };
    const start = () => {
      sprite.hidden = true;
      sprite.before(canvas);
      new ResizeObserver(draw).observe(canvas);
    };
    if (sprite.complete && sprite.naturalWidth) start();
    else sprite.addEventListener("load", start, { once: true });
  }

  // What the site is told

  count() {
    // Time of the recording that was really played: at double speed a minute of it is a minute.
    const passed = this.media.currentTime - this.lastSeen;
    if (!this.media.seeking && passed > 0 && passed < 2 * this.media.playbackRate) this.playedMs += passed * 1000;
    this.lastSeen = this.media.currentTime;
  }

  post(url, more = {}) {
    const said = { played_ms: Math.round(this.playedMs), position_ms: Math.round(this.nowMs) };
    return postTo(this.root, url, said, more);
  }

  async beat() {
    if (this.over || !this.say.beatUrl) return;
    try {
      const answer = await this.post(this.say.beatUrl);
      if (answer.ok) return this.heard();
      if (saysGone(answer)) return this.end(await sentenceOf(answer));
    } catch {
      // The network failed; counted like any other answer that says nothing about the right to watch.
    }
    this.missed += 1;
    if (this.missed >= BEATS_MISSED_AT_MOST) {
      this.pause();
      this.tell(this.say.sayAway);
    }
  }

  heard() {
    if (this.missed >= BEATS_MISSED_AT_MOST) this.tell("");
    this.missed = 0;
  }

  end(sentence) {
    this.pause();
    this.over = true;
    clearInterval(this.beating);
    this.media.removeAttribute("src");
    this.media.load();
    this.root.classList.add("player--over");
    const gone = this.root.querySelector(".player__gone");
    gone.textContent = sentence || this.say.sayGone;
    gone.hidden = false;
    this.tell(gone.textContent);
  }

  // A form of this page leads back to the same viewing: what was played is carried over, and the moment.

  send(form) {
    this.count();
    if (form.elements.played_ms) form.elements.played_ms.value = String(Math.round(this.playedMs));
    if (form.matches("[data-end]")) this.over = true;
    else this.stay();
  }

  stay() {
    this.staying = true;
    try {
      sessionStorage.setItem(this.kept, JSON.stringify({ playedMs: this.playedMs, positionMs: this.nowMs }));
    } catch {
      // Storage may be forbidden; the recording then starts again from its beginning.
    }
  }

  goOn() {
    try {
      const kept = JSON.parse(sessionStorage.getItem(this.kept));
      sessionStorage.removeItem(this.kept);
      if (!kept) return;
      this.playedMs = kept.playedMs;
      this.seek(kept.positionMs);
    } catch {
      // As above.
    }
  }

  leave() {
    if (this.over || this.staying || !this.say.endUrl) return;
    this.over = true;
    this.post(this.say.endUrl, { keepalive: true }).catch(() => {});
  }

  failed() {
    if (this.over || !this.media.getAttribute("src")) return;
    this.pause();
    this.tell(this.say.sayUnplayable);
    this.beat();
  }

  // What is listened to

  listen() {
    const media = this.media;
    for (const name of ["play", "pause", "ended"]) media.addEventListener(name, () => this.showPlaying());
    for (const name of ["loadedmetadata", "seeked", "timeupdate", "durationchange"]) {
      media.addEventListener(name, () => this.show());
    }
    media.addEventListener("seeking", () => (this.lastSeen = media.currentTime));
    media.addEventListener("timeupdate", () => this.count());
    media.addEventListener("volumechange", () => this.root.classList.toggle("player--muted", media.muted));
    media.addEventListener("error", () => this.failed());
    media.addEventListener("click", () => this.toggle());
    this.listenToControls();
    window.addEventListener("hashchange", () => this.goToHash());
    for (const form of document.querySelectorAll("form[data-note], form[data-end], form[data-stay]")) {
      form.addEventListener("submit", () => this.send(form));
    }
    for (const button of document.querySelectorAll("[data-moment]")) {
      button.addEventListener("click", () => {
        document.getElementById(button.dataset.moment).value = timecode(this.nowMs);
      });
    }
    if (this.noteForm) {
      this.noteForm.addEventListener("focusin", () => this.noteForm.elements.at_ms.value || this.startNote());
    }
  }

  acts() {
    return {
      ...super.acts(),
      mute: () => this.toggleMute(),
      fullscreen: () => this.toggleFullscreen(),
      note: () => this.startNote(),
    };
  }

  keys() {
    return {
      ...super.keys(),
      j: () => this.backward(),
      l: () => this.forward(),
      m: () => this.toggleMute(),
      f: () => this.toggleFullscreen(),
    };
  }

  key(event) {
    if (!this.over) super.key(event);
  }

  goToHash() {
    const found = /^#t=(\d+(?:\.\d+)?)$/.exec(location.hash);
    if (found) this.seek(Number(found[1]) * 1000);
  }
}

// Loading the page again leaves it first, and that ends the viewing. Its goodbye may still be on the way: it is said
// again and waited for, then the site leads to the recording.
async function comeBack(root) {
  try {
    await postTo(root, root.dataset.endUrl, {});
  } finally {
    location.replace(location.href);
  }
}

for (const root of document.querySelectorAll("[data-player]")) {
  if (wasReloaded() && root.dataset.endUrl) comeBack(root);
  else new Player(root);
}
