"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const words = JSON.parse(byId("words").textContent);
  const expected = new Map(Object.entries(JSON.parse(byId("expected").textContent)));
  const items = [...document.querySelectorAll(".item")];
  const say = (text, values) => text.replace(/\{(\w+)\}/g, (_all, name) => values[name]);
  for (const each of document.querySelectorAll(".js")) each.hidden = false;
  for (const each of document.querySelectorAll(".no-js")) each.hidden = true;

  // Notes lead into the player on this page; without script their links open the file at that time.
  for (const link of document.querySelectorAll("[data-at]")) {
    const player = link.closest(".item").querySelector("video, audio");
    if (!player) continue;
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const go = () => { player.currentTime = Number(link.dataset.at); player.play().catch(() => {}); player.focus(); };
      if (player.readyState > 0) go();
      else { player.addEventListener("loadedmetadata", go, { once: true }); player.preload = "metadata"; player.load(); }
    });
  }
  for (const player of document.querySelectorAll("video, audio")) {
    player.addEventListener("error", () => {
      const note = document.createElement("p");
      note.textContent = words.cannot;
      player.replaceWith(note);
    }, { once: true });
  }

  byId("find").addEventListener("input", (event) => {
    const wanted = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const item of items) {
      const text = item.dataset.find + " " + [...item.querySelectorAll(".moments li")].map((li) => li.textContent).join(" ").toLowerCase();
      item.hidden = !wanted.every((word) => text.includes(word));
      shown += item.hidden ? 0 : 1;
    }
    byId("found").textContent = wanted.length ? say(words.found, { n: shown, all: items.length }) : "";
  });

  // SHA-256 (FIPS 180-4), fed piece by piece: what browsers bring with them wants a whole file in memory.
  const K = new Uint32Array(64);
  const START = new Uint32Array(8);
  (() => {
    let found = 0;
    for (let n = 2; found < 64; n += 1) {
      let prime = true;
      for (let d = 2; d * d <= n; d += 1) if (n % d === 0) { prime = false; break; }
      if (!prime) continue;
      const part = (value) => Math.floor((value - Math.floor(value)) * 4294967296) >>> 0;
      if (found < 8) START[found] = part(Math.sqrt(n));
      K[found] = part(Math.cbrt(n));
      found += 1;
    }
  })();
  class Sha256 {
    constructor() { this.h = START.slice(); this.w = new Uint32Array(64); this.rest = new Uint8Array(64); this.have = 0; this.count = 0; }
    block(data, at) {
      const w = this.w, h = this.h;
      for (let i = 0; i < 16; i += 1, at += 4) w[i] = data[at] << 24 | data[at + 1] << 16 | data[at + 2] << 8 | data[at + 3];
      for (let i = 16; i < 64; i += 1) {
        const x = w[i - 15], y = w[i - 2];
        w[i] = w[i - 16] + w[i - 7] + ((x >>> 7 | x << 25) ^ (x >>> 18 | x << 14) ^ x >>> 3) + ((y >>> 17 | y << 15) ^ (y >>> 19 | y << 13) ^ y >>> 10) | 0;
      }
      let a = h[0] | 0, b = h[1] | 0, c = h[2] | 0, d = h[3] | 0, e = h[4] | 0, f = h[5] | 0, g = h[6] | 0, k = h[7] | 0;
      for (let i = 0; i < 64; i += 1) {
        const one = k + ((e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7)) + (e & f ^ ~e & g) + K[i] + w[i] | 0;
        const two = ((a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10)) + (a & b ^ a & c ^ b & c) | 0;
        k = g; g = f; f = e; e = d + one | 0; d = c; c = b; b = a; a = one + two | 0;
      }
      h[0] += a; h[1] += b; h[2] += c; h[3] += d; h[4] += e; h[5] += f; h[6] += g; h[7] += k;
    }
    feed(data) {
      let at = 0;
      this.count += data.length;
      if (this.have) {
        at = Math.min(64 - this.have, data.length);
        this.rest.set(data.subarray(0, at), this.have);
        this.have += at;
        if (this.have < 64) return;
        this.block(this.rest, 0);
        this.have = 0;
      }
      for (; at + 64 <= data.length; at += 64) this.block(data, at);
      this.rest.set(data.subarray(at));
      this.have = data.length - at;
    }
    end() {
      const bits = this.count, tail = new Uint8Array(this.have < 56 ? 64 - this.have : 128 - this.have);
      tail[0] = 0x80;
      const view = new DataView(tail.buffer);
      view.setUint32(tail.length - 8, Math.floor(bits / 536870912));
      view.setUint32(tail.length - 4, bits * 8 % 4294967296);
      this.feed(tail);
      return [...this.h].map((word) => word.toString(16).padStart(8, "0")).join("");
    }
  }
  const digest = async (file, told) => {
    const sha = new Sha256(), step = 4 * 1024 * 1024;
    for (let at = 0; at < file.size; at += step) {
      sha.feed(new Uint8Array(await file.slice(at, at + step).arrayBuffer()));
      told(Math.min(100, Math.round((at + step) / file.size * 100)));
    }
    return sha.end();
  };
  const mark = (path, text, bad) => {
    const item = items.find((each) => decodeURIComponent(each.dataset.path) === path);
    const place = item && item.querySelector(".mark");
    if (!place) return;
    place.hidden = false;
    place.textContent = (bad ? "✗ " : "✓ ") + text;
    place.classList.toggle("bad", bad);
  };
  // By its path where a folder was chosen; by its name where files were.
  const pathOf = (file) => {
    const whole = file.webkitRelativePath || file.name;
    return [...expected.keys()].find((path) => whole === path || whole.endsWith("/" + path) || (!file.webkitRelativePath && path.endsWith("/" + file.name)));
  };
  const verify = async (event) => {
    const status = byId("verified");
    const known = [...event.target.files].map((file) => [file, pathOf(file)]).filter(([, path]) => path);
    if (!known.length) { status.textContent = words.none; return; }
    const fine = new Set(), bad = new Set();
    for (const [file, path] of known) {
      const found = await digest(file, (percent) => { status.textContent = say(words.reading, { name: file.name, percent }); });
      const same = found === expected.get(path);
      (same ? fine : bad).add(path);
      mark(path, same ? words.fine : words.differs, !same);
    }
    const all = expected.size;
    if (bad.size) status.textContent = say(words.bad, { n: bad.size });
    else if (fine.size === all) status.textContent = say(words.all, { n: all });
    else status.textContent = say(words.some, { n: fine.size, all, missing: all - fine.size });
  };
  byId("folder").addEventListener("change", verify);
  byId("files").addEventListener("change", verify);
})();
