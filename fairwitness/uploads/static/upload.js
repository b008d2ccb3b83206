// The page to drop files on: each is sent by tus, piece by piece, paused, gone on with, and followed until it is sealed.
"use strict";

const form = document.querySelector("[data-upload]");
const words = document.querySelector("[data-words]").dataset;
const list = document.querySelector("[data-files]");
const said = document.querySelector("[data-said]");
const PIECE = 16 * 1024 * 1024;
// Two at a time: more would share the same line, and all end late.
const AT_ONCE = 2;
const waiting = [];
// What gave up for want of an answer: it is tried again when the connection, or whoever sits here, is back.
const stopped = new Set();
let sending = 0;

// What is remembered of unfinished uploads: where they are and how large, under a number made of the file; no names.
const memory = {
  key: (print) => `fairwitness.upload.${form.dataset.keeper}.${print}`,
  findAllUploads: async () => [],
  findUploadsByFingerprint: async (print) => {
    const found = read(memory.key(print));
    return found ? [{ ...found, metadata: {}, urlStorageKey: memory.key(print) }] : [];
  },
  addUpload: async (print, upload) => {
    write(memory.key(print), { size: upload.size, uploadUrl: upload.uploadUrl, creationTime: upload.creationTime });
    return memory.key(print);
  },
  removeUpload: async (key) => {
    try {
      localStorage.removeItem(key);
    } catch {
      // Storage may be forbidden; then nothing was kept.
    }
  },
};

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

function write(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // Without storage an upload goes on only while its page is open.
  }
}

// 64 bits in hex of name, size and date (FNV-1a twice): enough to know the file again, too little to read a name from.
function fingerprint(file) {
  const text = [file.name, file.size, file.lastModified].join("\0");
  let [one, two] = [0x811c9dc5, 0x01000193];
  for (let at = 0; at < text.length; at++) {
    one = Math.imul(one ^ text.charCodeAt(at), 0x01000193);
    two = Math.imul(two ^ text.charCodeAt(at), 0x85ebca6b) + at;
  }
  return [one, two].map((part) => (part >>> 0).toString(16).padStart(8, "0")).join("");
}

function sizeOf(count) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let at = 0;
  for (; count >= 1024 && at < units.length - 1; at++) count /= 1024;
  return `${at ? count.toFixed(1) : count} ${units[at]}`;
}

function timeOf(seconds) {
  const minutes = Math.round(seconds / 60);
  return minutes < 1 ? "1 min" : minutes < 90 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}

function fill(text, values) {
  return text.replace(/%\((\w+)\)s/g, (_whole, name) => values[name]);
}

// What is said of a file: its name, and what stands in the form at the moment it is added.
function metadata(file) {
  const about = { filename: file.name };
  for (const name of ["device", "incident"]) if (form.elements[name].value) about[name] = form.elements[name].value;
  if (form.elements.started.value) about.started = new Date(form.elements.started.value).toISOString();
  return about;
}

function add(file) {
  const row = document.querySelector("template[data-file]").content.firstElementChild.cloneNode(true);
  const part = (name) => row.querySelector(`[data-${name}]`);
  const bar = row.querySelector("progress");
  part("name").textContent = file.name;
  part("size").textContent = sizeOf(file.size);
  list.append(row);
  list.closest("[data-list]").hidden = false;
  let active = false;
  let began = null;

  const state = (text, aloud = true) => {
    part("state").textContent = text;
    if (aloud) said.textContent = `${file.name}: ${text}`;
  };
  const buttons = (which) => {
    for (const name of ["pause", "go", "withdraw"]) part(name).hidden = !which.includes(name);
  };
  const rest = () => {
    if (active) {
      active = false;
      sending--;
      next();
    }
  };
  const end = (text) => {
    state(text);
    buttons([]);
    rest();
  };
  const lead = (address, label) => {
    part("link").href = address;
    part("link").textContent = label;
    part("link").hidden = false;
  };

  const upload = new tus.Upload(file, {
    endpoint: form.dataset.endpoint,
    chunkSize: PIECE,
    metadata: metadata(file),
    headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
    urlStorage: memory,
    fingerprint: async () => fingerprint(file),
    removeFingerprintOnSuccess: true,
    retryDelays: [0, 1000, 3000, 5000, 10000, 20000, 30000, 30000, 60000, 60000],
    onShouldRetry: (error) => {
      state(words.retrying, false);
      return mayPass(error);
    },
    onUploadUrlAvailable: () => lead(`${form.dataset.place}${key()}/`, words.look),
    onProgress: (came, whole) => {
      began ??= { at: Date.now(), came };
      bar.max = whole || 1;
      bar.value = came;
      const rate = (came - began.came) / Math.max(1, (Date.now() - began.at) / 1000);
      const left = rate ? `, ${fill(words.left, { time: timeOf((whole - came) / rate) })}` : "";
      part("came").textContent = fill(words.of, { came: sizeOf(came), whole: sizeOf(whole) }) + (came < whole ? left : "");
      if (part("state").textContent === words.retrying) state(words.sending, false);
    },
    onSuccess: () => {
      state(words.received);
      buttons([]);
      rest();
      follow(0);
    },
    onError: (error) => {
      let why = words.retrying;
      try {
        why = JSON.parse(error.originalResponse.getBody()).sentence;
      } catch {
        // No answer came at all.
      }
      state(`${words.failed} ${why}`);
      buttons(["go"]);
      if (mayPass(error)) stopped.add(wait);
      rest();
    },
  });
  const key = () => upload.url.replace(/\/$/, "").split("/").pop();

  // Asks what became of it, ever more slowly, until it is sealed or refused.
  const follow = async (asked) => {
    try {
      const answer = await fetch(upload.url, { headers: { Accept: "application/json" } });
      const found = await answer.json();
      if (found.status === "sealed") return end(`${found.was_here ? words.here : words.sealed} ${found.recording}`);
      if (found.status === "refused") return end(`${words.refused} ${found.sentence}`);
    } catch {
      // The connection may be gone; it is asked again.
    }
    setTimeout(() => follow(asked + 1), Math.min(30000, 1000 * 1.5 ** asked));
  };

  const start = async () => {
    const before = await upload.findPreviousUploads();
    if (before.length && before[0].size === file.size) {
      upload.resumeFromPreviousUpload(before[0]);
      state(words.resumed);
    } else {
      state(words.sending);
    }
    began = null;
    buttons(["pause", "withdraw"]);
    upload.start();
  };
  const wait = () => {
    stopped.delete(wait);
    state(words.waiting, false);
    buttons([]);
    waiting.push(() => {
      active = true;
      start();
    });
    next();
  };
  part("pause").addEventListener("click", async () => {
    await upload.abort();
    state(words.paused);
    buttons(["go", "withdraw"]);
    rest();
    part("go").focus();
  });
  part("go").addEventListener("click", wait);
  part("withdraw").addEventListener("click", async () => {
    if (!confirm(words.sure)) return;
    await upload.abort(Boolean(upload.url));
    end(words.withdrawn);
  });
  wait();
}

// Whether it may go through when it is tried again: no answer came, or one that says so.
function mayPass(error) {
  const status = error.originalResponse ? error.originalResponse.getStatus() : 0;
  return !status || status >= 500 || [408, 409, 423, 429, 460].includes(status);
}

function again() {
  for (const wait of [...stopped]) wait();
}

function next() {
  while (sending < AT_ONCE && waiting.length) {
    sending++;
    waiting.shift()();
  }
}

function addAll(files) {
  if (!form.reportValidity()) return;
  for (const file of files) add(file);
}

form.hidden = false;
document.querySelector("[data-without]").hidden = true;
form.addEventListener("submit", (event) => event.preventDefault());
form.querySelector("input[type=file]").addEventListener("change", (event) => {
  addAll(event.target.files);
  event.target.value = "";
});
for (const name of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(name, (event) => {
    event.preventDefault();
    form.querySelector("[data-drop]").classList.toggle("is-over", name === "dragover");
    if (name === "drop") addAll(event.dataTransfer.files);
  });
}
addEventListener("online", again);
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) again();
});
addEventListener("beforeunload", (event) => {
  if (sending) event.preventDefault();
});
