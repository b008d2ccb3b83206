// The review of roles by keyboard: arrows go from role to role, K keeps, E ends. Without this the buttons do the same.
"use strict";

const rows = [...document.querySelectorAll("tr[data-role]")];
const progress = document.querySelector("[data-progress]");

function stand(row) {
  rows.forEach((each) => each.toggleAttribute("data-current", each === row));
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

async function decide(form, row) {
  const asked = { method: "POST", body: new FormData(form), headers: { Accept: "application/json" } };
  const answer = await fetch(form.action, asked);
  const said = await answer.json().catch(() => ({}));
  if (said.code === "sign_in_again") return form.submit(); // The page that asks who it is, and goes on after.
  const told = row.querySelector("[data-told]");
  if (!answer.ok) {
    told.textContent = said.sentence || form.dataset.failed;
    return;
  }
  row.dataset.state = said.state;
  told.textContent = said.word;
  for (const each of row.querySelectorAll("form")) {
    each.action = said.url;
    each.querySelector("button").setAttribute("aria-pressed", String(each.dataset.decides === said.state));
  }
  progress.querySelector("progress").value = said.decided;
  progress.querySelector("progress").max = said.total;
  progress.querySelector("[data-decided]").textContent = said.decided;
  progress.querySelector("[data-total]").textContent = said.total;
  document.querySelector("[data-finish]")?.toggleAttribute("disabled", said.decided < said.total);
  const next = rows[rows.indexOf(row) + 1];
  if (next) stand(next);
}

for (const row of rows) {
  row.tabIndex = -1;
  for (const form of row.querySelectorAll("form")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      decide(form, row);
    });
  }
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea, dialog[open]")) return;
  const at = rows.findIndex((row) => row.hasAttribute("data-current"));
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && rows.length) {
    event.preventDefault();
    stand(rows[at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + step))]);
  }
  const word = { k: "kept", e: "ended" }[event.key.toLowerCase()];
  const form = word && at >= 0 && rows[at].querySelector(`form[data-decides=${word}]`);
  if (form) form.requestSubmit();
});
