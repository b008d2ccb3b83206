// The lock of the screen (CJIS AC-11): after a while without anybody the page is hidden behind a dialog, and what was
// typed stays in it. The server decides; this asks it, in every tab, and tells it when somebody is there.
"use strict";

const lock = document.getElementById("lock");
const lockForm = lock.querySelector("form");
const tabs = "BroadcastChannel" in window ? new BroadcastChannel("fairwitness.lock") : null;
const OFTEN = 60_000;
let here = false;
let told = Date.now();
let timer = 0;

async function lockState(somebody) {
  const options = { headers: { Accept: "application/json" } };
  if (somebody) {
    options.method = "POST";
    options.headers["X-CSRFToken"] = lockForm.elements.csrfmiddlewaretoken.value;
  }
  const answer = await fetch(lock.dataset.state, options);
  if (answer.status === 401) return { ended: true };
  return answer.ok ? answer.json() : null;
}

function renewTokens(token) {
  for (const field of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) field.value = token;
}

async function look() {
  let state;
  try {
    state = await lockState(false);
  } catch {
    // The network is away: hide rather than show.
    return Date.now() - told > Number(lock.dataset.after) ? hide({ locked: "idle" }) : wake(OFTEN);
  }
  if (!state) return wake(OFTEN);
  if (state.ended) return hide(state);
  if (state.who !== lock.dataset.who) return location.reload();
  renewTokens(state.csrf);
  if (state.locked) hide(state);
  else show(state.left_ms);
}

function wake(after) {
  clearTimeout(timer);
  timer = setTimeout(look, Math.max(500, after + 200));
}

function hide(state) {
  lock.querySelector("[data-ended]").hidden = !state.ended;
  lockForm.hidden = Boolean(state.ended);
  lock.querySelector("[data-passkey]").hidden = !state.passkey;
  if (lock.open) return;
  for (const media of document.querySelectorAll("video, audio")) media.pause();
  document.body.classList.add("locked");
  lock.showModal();
  if (state.ended) setTimeout(look, OFTEN);
}

function show(left) {
  lock.querySelector("[role=alert]").hidden = true;
  if (lock.open) lock.close();
  document.body.classList.remove("locked");
  wake(left);
}

async function unlock() {
  const wrong = lock.querySelector("[role=alert]");
  const answer = await fetch(lockForm.action, {
    method: "POST",
    headers: { Accept: "application/json" },
    body: new FormData(lockForm),
  });
  lockForm.elements.password.value = "";
  lockForm.elements.credential.value = "";
  wrong.hidden = answer.ok && !answer.redirected;
  if (answer.redirected) return look();
  if (!answer.ok) return lockForm.elements.password.focus();
  told = Date.now();
  tabs?.postMessage("changed");
  look();
}

lockForm.addEventListener("submit", (event) => {
  event.preventDefault();
  unlock();
});
lockForm.addEventListener("passkey", (event) => {
  event.preventDefault();
  unlock();
});
document.addEventListener("keydown", (event) => {
  if (lock.open && event.key === "Escape") event.preventDefault();
}, { capture: true });
lock.addEventListener("cancel", (event) => event.preventDefault());
// Some browsers close a dialog on the second Escape all the same.
lock.addEventListener("close", () => {
  if (document.body.classList.contains("locked")) lock.showModal();
});
tabs?.addEventListener("message", look);
document.addEventListener("visibilitychange", () => document.hidden || look());
window.addEventListener("pageshow", (event) => event.persisted && look());

for (const sign of ["keydown", "pointerdown", "pointermove", "wheel", "touchstart"]) {
  document.addEventListener(sign, () => (here = !lock.open), { passive: true, capture: true });
}
setInterval(async () => {
  if (!here || lock.open) return;
  here = false;
  try {
    const state = await lockState(true);
    if (!state || state.locked || state.ended) return look();
    told = Date.now();
    wake(state.left_ms);
  } catch {
    // Tried again with the next sign of somebody.
  }
}, Math.min(OFTEN, Number(lock.dataset.after) / 6));
wake(Number(lock.dataset.after));
