// Plays up to four cameras on one clock: together to within a frame, by keyboard, with lanes, notes and clocks set right
// by eye; tells the site of each how long it was played, and stops the one that is closed.
// With playing.js.
"use strict";

const SPEEDS = [0.25, 0.5, 1, 1.5, 2];
const FALLBACK_FPS = 25; // Where the frame rate is not constant.
// Between these a camera is brought back by playing it a little faster or slower, beyond them by a jump.
const NEAR_MS = 4;
const FAR_MS = 250;
const JUMP_NO_SOONER_MS = 1500;
const MOST_CORRECTION = 0.12;
const SHOWN_EVERY_MS = 90;
const READY = 3; // HTMLMediaElement.HAVE_FUTURE_DATA
const READY_WITHIN_MS = 15_000;

class Camera {
  constructor(root, all) {
    this.root = root;
    this.all = all;
    this.key = root.dataset.camera;
    this.media = root.querySelector("video, audio");
    this.startsMs = Number(root.dataset.startsMs);
    this.lengthMs = Number(root.dataset.lengthMs);
    this.frameMs = 1000 / (Number(root.dataset.fpsNum) / Number(root.dataset.fpsDen) || FALLBACK_FPS);
    this.movedMs = 0; // By hand, against its place, until that is kept.
    this.playedMs = 0;
    this.lastSeen = 0;
    this.jumpedAt = 0;
    this.apartMs = 0;
    this.over = false;
    this.missed = 0;
    if (!this.media) this.over = true;
    else this.listen();
  }

  listen() {
    this.media.controls = false;
    this.media.addEventListener("waiting", () => this.all.stalled(this));
    this.media.addEventListener("timeupdate", () => this.count());
    this.media.addEventListener("seeking", () => (this.lastSeen = this.media.currentTime));
    this.media.addEventListener("volumechange", () => this.showSound());
    this.media.addEventListener("error", () => this.all.failed(this));
    this.media.addEventListener("loadedmetadata", () => this.all.measured(this));
    this.root.querySelector("[data-pick]").addEventListener("click", () => this.all.choose(this));
    this.root.querySelector(".player__stage").addEventListener("click", () => this.all.choose(this));
    this.root.querySelector("[data-sound]").addEventListener("click", () => this.all.toggleSound(this));
    if (this.media.requestVideoFrameCallback) this.watch();
    this.showSound();
  }

  // Each picture says when it is shown and which moment it is: nothing tells more exactly where a camera is.
  watch() {
    this.media.requestVideoFrameCallback((_now, frame) => {
      this.seen = { at: frame.expectedDisplayTime, ms: frame.mediaTime * 1000 + this.frameMs / 2 };
      this.all.frameShown(this);
      this.watch();
    });
  }

  get placeMs() {
    return this.startsMs + this.movedMs;
  }

  covers(lineMs) {
    return !this.over && lineMs >= this.placeMs && lineMs < this.placeMs + this.lengthMs;
  }

  within(lineMs) {
    return Math.min(Math.max(lineMs - this.placeMs, 0), this.lengthMs);
  }

  get ready() {
    return this.media.readyState >= READY && !this.media.seeking;
  }

  seekTo(lineMs) {
    // The middle of a frame, so that no rounding shows its neighbour.
    const frame = Math.floor(this.within(lineMs) / this.frameMs + 0.001);
    const seconds = ((frame + 0.5) * this.frameMs) / 1000;
    if (Math.abs(this.media.currentTime - seconds) < 0.0005) return;
    this.seen = null;
    this.media.currentTime = seconds;
  }

  // Where it is on the line at a moment of the page's clock, as its pictures tell.
  lineAt(now) {
    const rate = this.media.paused ? 0 : this.media.playbackRate;
    const ms = this.seen ? this.seen.ms + (now - this.seen.at) * rate : this.media.currentTime * 1000;
    return this.placeMs + ms;
  }

  hold() {
    if (this.media && !this.media.paused) this.media.pause();
  }

  count() {
    const passed = this.media.currentTime - this.lastSeen;
    if (!this.media.seeking && passed > 0 && passed < 2 * this.media.playbackRate) this.playedMs += passed * 1000;
    this.lastSeen = this.media.currentTime;
  }

  showSound() {
    const on = !this.media.muted;
    this.root.classList.toggle("cameras__one--heard", on);
    this.root.querySelector("[data-sound]").setAttribute("aria-pressed", String(on));
  }

  end(sentence) {
    this.hold();
    this.over = true;
    this.media.removeAttribute("src");
    this.media.load();
    this.root.classList.add("cameras__one--over");
    const gone = this.root.querySelector("[data-gone]");
    gone.textContent = sentence || this.all.say.sayGone;
    gone.hidden = false;
  }
}

class Cameras extends Transport {
  constructor(root) {
    super(root);
    this.wholeMs = Number(root.dataset.lengthMs);
    this.speeds = SPEEDS;
    this.head = root.querySelector(".cameras__at");
    this.markForm = document.querySelector("form[data-marking]");
    this.kept = `fairwitness.cameras.${location.pathname}${location.search}`;
    this.state = "paused"; // or gathering, playing
    this.speed = 1;
    this.atMs = 0;
    this.base = { lineMs: 0, at: 0 };
    this.turn = 0;
    this.shownAt = 0;
    this.staying = false;
    this.clock = new Intl.DateTimeFormat("sv-SE", {
      timeStyle: "medium",
      timeZone: root.dataset.zone,
      hourCycle: "h23",
    });
    this.all = [...root.querySelectorAll("[data-camera]")].map((each) => new Camera(each, this));
    this.chosen = this.all[0];
    this.listen();
    this.choose(this.all[0]);
    this.drawNotes();
    this.goOn();
    this.seek(this.atMs || Math.min(...this.all.map((each) => each.placeMs)));
    setInterval(() => this.beat(), BEAT_EVERY_MS);
    this.drawMark();
  }

  get living() {
    return this.all.filter((each) => !each.over);
  }

  // What is known

  lineMs(now = performance.now()) {
    if (this.state !== "playing") return this.atMs;
    return this.base.lineMs + (now - this.base.at) * this.speed;
  }

  get nowMs() {
    return this.lineMs();
  }

  get master() {
    const here = this.living.filter((each) => each.covers(this.lineMs()) && !each.media.paused);
    return here.find((each) => !each.media.muted) || here[0];
  }

  // What can be done

  async play() {
    if (this.atMs >= this.wholeMs - 1) this.atMs = 0;
    const turn = ++this.turn;
    this.state = "gathering";
    this.show();
    const here = this.living.filter((each) => each.covers(this.atMs));
    for (const each of this.living) each.seekTo(this.atMs);
    if (!(await this.gathered(here, turn))) return;
    try {
      for (const each of here) each.media.playbackRate = this.speed;
      await Promise.all(here.map((each) => each.media.play()));
    } catch (error) {
      if (turn === this.turn && error.name !== "AbortError") {
        this.pause();
        this.tell(this.say.sayUnplayable);
      }
      return;
    }
    if (turn !== this.turn) return;
    this.tell("");
    this.base = { lineMs: this.atMs, at: performance.now() };
    this.state = "playing";
    this.show();
    this.follow();
  }

  // Until every one of them could play on; false when something else was done meanwhile.
  async gathered(here, turn) {
    const until = performance.now() + READY_WITHIN_MS;
    let told = performance.now() + 400;
    while (here.some((each) => !each.over && !each.ready)) {
      if (performance.now() > told) {
        this.tell(this.say.sayWaits);
        told = Infinity;
      }
      if (performance.now() > until) {
        this.pause();
        this.tell(this.say.sayUnplayable);
        return false;
      }
      await new Promise((resolve) => setTimeout(resolve, 15));
      if (turn !== this.turn) return false;
    }
    return true;
  }

  pause() {
    this.atMs = Math.min(Math.max(this.lineMs(), 0), this.wholeMs);
    this.turn += 1;
    this.state = "paused";
    for (const each of this.all) each.hold();
    // All stand at the same moment, and not where each happened to be.
    for (const each of this.living) each.seekTo(this.atMs);
    this.show();
  }

  toggle() {
    if (this.state === "paused") this.play();
    else this.pause();
  }

  seek(ms) {
    const playing = this.state !== "paused";
    if (playing) this.pause();
    this.atMs = Math.min(Math.max(ms, 0), this.wholeMs);
    for (const each of this.living) each.seekTo(this.atMs);
    this.show();
    if (playing) this.play();
  }

  step(count) {
    if (this.state !== "paused") this.pause();
    const by = this.chosen;
    const frame = Math.floor(by.within(this.atMs) / by.frameMs + 0.001);
    if (!by.covers(this.atMs)) return this.seek(this.atMs + count * by.frameMs);
    return this.seek(by.placeMs + (frame + count + 0.5) * by.frameMs);
  }

  setSpeed(speed) {
    this.base = { lineMs: this.lineMs(), at: performance.now() };
    this.speed = speed;
    for (const each of this.living) each.media.playbackRate = speed;
    this.root.querySelector("[data-speed]").value = String(speed);
  }

  choose(camera) {
    if (!camera) return;
    this.chosen = camera;
    for (const each of this.all) {
      each.root.classList.toggle("cameras__one--chosen", each === camera);
      const button = each.root.querySelector("[data-pick]");
      if (button) button.setAttribute("aria-pressed", String(each === camera));
    }
    if (this.noteForm && this.select(this.noteForm, camera) && this.noteForm.elements.at_ms.value) this.stampNote();
    if (this.markForm && this.select(this.markForm, camera)) this.otherThan(camera.key);
    this.showMoved();
  }

  // Whether the form has this camera to choose; it is chosen there then.
  select(form, camera) {
    const choice = form.elements.recording;
    if (![...choice.options].some((option) => option.value === camera.key)) return false;
    choice.value = camera.key;
    return true;
  }

  toggleSound(camera) {
    // One is heard at a time: four at once are noise.
    const on = camera.media.muted;
    for (const each of this.living) each.media.muted = !(on && each === camera);
  }

  startNote() {
    if (!this.noteForm) return;
    this.pause();
    this.stampNote();
    this.noteForm.elements.text.focus();
  }

  stampNote() {
    const of = this.all.find((each) => each.key === this.noteForm.elements.recording.value) || this.chosen;
    const at = of.within(this.lineMs());
    this.noteForm.elements.at_ms.value = String(Math.round(at));
    this.noteForm.querySelector("[data-note-at]").textContent = timecode(at);
  }

  // A clock set right by eye

  get moving() {
    return this.all.find((each) => each.key === this.markForm?.elements.recording.value);
  }

  nudge(ms) {
    const camera = this.moving;
    if (!camera || camera.over) return;
    if (this.state !== "paused") this.pause();
    camera.movedMs += ms;
    camera.seekTo(this.atMs);
    this.drawLane(camera);
    this.showMoved();
    this.show();
  }

  nudgeFrame(count) {
    if (this.moving) this.nudge(count * this.moving.frameMs);
  }

  showMoved() {
    const told = this.markForm?.querySelector("[data-nudged]");
    if (told && this.moving) told.textContent = `${this.moving.movedMs > 0 ? "+" : ""}${Math.round(this.moving.movedMs)} ms`;
  }

  otherThan(key) {
    const select = this.markForm.elements.other;
    if (select.value !== key) return;
    const other = [...select.options].find((option) => option.value !== key);
    if (other) select.value = other.value;
  }

  get against() {
    return this.all.find((each) => each.key === this.markForm.elements.other.value);
  }

  stampMark() {
    const other = this.against;
    this.markForm.elements.at_ms.value = String(Math.round(this.moving.within(this.atMs)));
    this.markForm.elements.other_ms.value = String(Math.round(other.within(this.atMs)));
  }

  // While it plays

  follow() {
    if (this.state !== "playing") return;
    const now = performance.now();
    const line = this.lineMs(now);
    if (line >= this.wholeMs) {
      this.atMs = this.wholeMs;
      this.pause();
      return;
    }
    for (const each of this.living) this.keep(each, line, now);
    // Words and the head of the track change less often than pictures: whatever is drawn anew delays these.
    if (now - this.shownAt >= SHOWN_EVERY_MS) this.show();
    requestAnimationFrame(() => this.follow());
  }

  keep(camera, line, now) {
    if (!camera.covers(line)) {
      if (!camera.media.paused) camera.hold();
      return;
    }
    if (camera.media.paused && !camera.media.ended && !camera.coming) {
      camera.seekTo(line);
      camera.coming = true;
      camera.media.playbackRate = this.speed;
      camera.media
        .play()
        .catch(() => {})
        .finally(() => (camera.coming = false));
      return;
    }
    // Without pictures that tell their time, the media's own clock has to do.
    if (!camera.media.requestVideoFrameCallback && camera !== this.master) this.correct(camera, now);
  }

  frameShown(camera) {
    if (this.state !== "playing" || camera.coming) return;
    const at = camera.seen.at;
    const master = this.master;
    if (!master) return;
    if (camera === master) {
      // The one that is heard is never hurried: the line goes with it, gently, so that it does not shake.
      const apart = camera.placeMs + camera.seen.ms - this.lineMs(at);
      this.base = { lineMs: this.lineMs(at) + (Math.abs(apart) > FAR_MS ? apart : apart * 0.2), at };
      camera.apartMs = 0;
      camera.media.playbackRate = this.speed;
      return;
    }
    this.correct(camera, at);
  }

  // By how much a camera is to be beside the line so that its pictures change when the master's do: less than half a
  // picture. Two that change at different times are shown a whole picture apart whenever the screen comes between.
  besideMs(camera) {
    const master = this.master;
    if (!master || Math.abs(master.frameMs - camera.frameMs) > 0.01 * master.frameMs) return 0;
    const past = (camera.placeMs - master.placeMs) / master.frameMs;
    return (past - Math.round(past)) * master.frameMs;
  }

  correct(camera, now) {
    const apart = camera.lineAt(now) - this.lineMs(now) - this.besideMs(camera);
    camera.apartMs = camera.apartMs * 0.6 + apart * 0.4;
    if (Math.abs(apart) > FAR_MS) {
      if (now - camera.jumpedAt < JUMP_NO_SOONER_MS) return;
      camera.jumpedAt = now;
      camera.apartMs = 0;
      camera.seekTo(this.lineMs(now) + 80 * this.speed);
      return;
    }
    const off = Math.abs(camera.apartMs) < NEAR_MS ? 0 : camera.apartMs / 400;
    const rate = this.speed * (1 - Math.min(Math.max(off, -MOST_CORRECTION), MOST_CORRECTION));
    if (Math.abs(camera.media.playbackRate - rate) > 0.004) camera.media.playbackRate = rate;
  }

  stalled(camera) {
    if (this.state !== "playing" || camera.media.seeking || camera.coming || !camera.covers(this.lineMs())) return;
    if (camera.media.ended || camera.within(this.lineMs()) > camera.lengthMs - 300) return;
    // One waits, and so all wait: nobody is to see two moments at once.
    this.pause();
    this.play();
  }

  failed(camera) {
    if (camera.over || !camera.media.getAttribute("src")) return;
    this.pause();
    this.tell(this.say.sayUnplayable);
    this.beat();
  }

  measured(camera) {
    const found = camera.media.duration * 1000;
    if (Number.isFinite(found) && found > 0) camera.lengthMs = Math.min(camera.lengthMs || found, found);
    if (this.state === "paused") camera.seekTo(this.atMs);
  }

  // What is shown

  show() {
    const line = this.lineMs();
    this.shownAt = performance.now();
    const playing = this.state !== "paused";
    this.root.classList.toggle("player--playing", playing);
    this.root.querySelector("[data-do=toggle]").setAttribute("aria-label", playing ? this.say.sayPause : this.say.sayPlay);
    this.root.querySelector("[data-position]").textContent = timecode(line);
    this.root.querySelector("[data-time]").textContent = this.clock.format(new Date(Number(this.say.beginsMs) + line));
    this.track.setAttribute("aria-valuenow", String(Math.round(line)));
    this.track.setAttribute("aria-valuetext", timecode(line));
    this.head.style.insetInlineStart = `${(100 * line) / this.wholeMs}%`;
    for (const each of this.all) {
      const off = each.root.querySelector("[data-off]");
      if (off) off.hidden = each.over || each.covers(line) || line === each.placeMs + each.lengthMs;
    }
  }

  drawLane(camera) {
    const bar = this.root.querySelector(`[data-lane="${camera.key}"] .cameras__bar :is(.cameras__span, .cameras__loose)`);
    bar?.setAttribute("x", `${Math.max(0, (100 * camera.placeMs) / this.wholeMs)}%`);
  }

  drawNotes() {
    for (const link of document.querySelectorAll("[data-of]")) {
      const camera = this.all.find((each) => each.key === link.dataset.of);
      if (!camera) continue;
      const go = () => {
        this.choose(camera);
        this.seek(camera.placeMs + Number(link.dataset.seek));
      };
      const marker = this.markerOf(link, camera.placeMs + Number(link.dataset.seek), go);
      marker.className = "cameras__note";
      this.root.querySelector(`[data-lane="${camera.key}"] .cameras__bar`).append(marker);
    }
  }

  // What the site is told

  post(camera, url, more = {}) {
    return postTo(this.root, url, { played_ms: Math.round(camera.playedMs) }, more);
  }

  beat() {
    return Promise.all(this.living.map((each) => this.beatOf(each)));
  }

  async beatOf(camera) {
    try {
      const answer = await this.post(camera, camera.root.dataset.beatUrl);
      if (answer.ok) {
        if (camera.missed >= BEATS_MISSED_AT_MOST) this.tell("");
        camera.missed = 0;
        return;
      }
      if (saysGone(answer)) return camera.end(await sentenceOf(answer));
    } catch {
      // The network failed; counted like any other answer that says nothing about the right to watch.
    }
    camera.missed += 1;
    if (camera.missed >= BEATS_MISSED_AT_MOST) {
      this.pause();
      this.tell(this.say.sayAway);
    }
  }

  stay() {
    this.staying = true;
    try {
      const played = Object.fromEntries(this.all.map((each) => [each.root.dataset.endUrl, each.playedMs]));
      sessionStorage.setItem(this.kept, JSON.stringify({ atMs: this.lineMs(), played }));
    } catch {
      // Storage may be forbidden; the line then starts again from its beginning.
    }
  }

  goOn() {
    try {
      const kept = JSON.parse(sessionStorage.getItem(this.kept));
      sessionStorage.removeItem(this.kept);
      if (!kept) return;
      this.atMs = kept.atMs;
      for (const each of this.all) each.playedMs = kept.played[each.root.dataset.endUrl] || 0;
    } catch {
      // As above.
    }
  }

  leave() {
    if (this.staying) return;
    for (const each of this.all) {
      if (each.over && each.media) continue;
      each.over = true;
      this.post(each, each.root.dataset.endUrl, { keepalive: true }).catch(() => {});
    }
  }

  // What is listened to

  listen() {
    this.listenToControls();
    if (this.markForm) this.listenToMarking();
    for (const form of document.querySelectorAll("form[data-stay]")) {
      form.addEventListener("submit", (event) => event.defaultPrevented || this.stay());
    }
    // What is opened or closed next ends what is open here by itself, and is told first how much was played.
    for (const form of document.querySelectorAll("form[data-leave]")) {
      form.addEventListener("submit", (event) => this.sendAfterBeat(event, form));
    }
    if (this.noteForm) {
      this.noteForm.addEventListener("focusin", () => this.noteForm.elements.at_ms.value || this.stampNote());
      this.noteForm.elements.recording.addEventListener("change", () => this.stampNote());
    }
  }

  sendAfterBeat(event, form) {
    if (form.dataset.told) return;
    event.preventDefault();
    form.dataset.told = "yes";
    this.staying = true;
    this.beat().finally(() => form.submit());
  }

  listenToMarking() {
    for (const button of this.markForm.querySelectorAll("[data-nudge]")) {
      const by = button.dataset.nudge;
      button.addEventListener("click", () => (by.endsWith("frame") ? this.nudgeFrame(by === "frame" ? 1 : -1) : this.nudge(Number(by))));
    }
    this.markForm.elements.recording.addEventListener("change", () => {
      this.choose(this.moving);
      this.otherThan(this.markForm.elements.recording.value);
    });
    this.markForm.addEventListener("submit", (event) => {
      if (this.state !== "paused") this.pause();
      // What does not record now shows nothing that could be the same.
      const both = this.moving.covers(this.atMs) && this.against.covers(this.atMs);
      this.markForm.querySelector("[data-not-both]").hidden = both;
      if (both) this.stampMark();
      else event.preventDefault();
    });
  }

  keys() {
    const cameras = Object.fromEntries(this.all.map((each, place) => [String(place + 1), () => this.choose(each)]));
    return {
      ...super.keys(),
      ...cameras,
      m: () => this.toggleSound(this.chosen),
      "[": () => this.nudgeFrame(-1),
      "]": () => this.nudgeFrame(1),
    };
  }
}

// Loading the page again leaves it first, and that ends the viewings. Their goodbyes may still be on the way: they are
// said again and waited for, then the page comes closed.
async function comeBack(root) {
  const ends = [...root.querySelectorAll("[data-end-url]")].map((each) =>
    postTo(root, each.dataset.endUrl, {}).catch(() => {}),
  );
  await Promise.all(ends);
  location.replace(location.href);
}

for (const root of document.querySelectorAll("[data-cameras]")) {
  if (!root.querySelector("[data-camera]")) continue;
  if (wasReloaded()) comeBack(root);
  else new Cameras(root);
}
