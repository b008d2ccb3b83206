// Small conveniences of every page: copying a digest, closing a menu, choosing the appearance. Nothing depends on it.
"use strict";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const before = button.textContent;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.textContent = button.dataset.done;
  } catch {
    button.textContent = button.dataset.failed;
  }
  setTimeout(() => (button.textContent = before), 2000);
});

function dismiss(keep) {
  for (const menu of document.querySelectorAll("details[data-dismiss][open]")) {
    if (!keep || !menu.contains(keep)) menu.open = false;
  }
}

document.addEventListener("click", (event) => dismiss(event.target));
// Whoever goes on by keyboard does not leave a menu open over what comes next.
document.addEventListener("focusin", (event) => dismiss(event.target));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = event.target.closest("details[data-dismiss][open]");
  dismiss(null);
  if (menu) menu.querySelector("summary").focus();
});

// What an address points into is opened, and on paper everything is, where the browser does not do so by itself.
function openTarget() {
  const closed = document.getElementById(decodeURIComponent(location.hash.slice(1)))?.closest("details:not([open])");
  if (!closed) return;
  closed.open = true;
  closed.scrollIntoView();
}
openTarget();
addEventListener("hashchange", openTarget);
addEventListener("beforeprint", () => {
  for (const rule of document.querySelectorAll("details.rule:not([open])")) {
    rule.open = true;
    rule.dataset.printed = "";
  }
});
addEventListener("afterprint", () => {
  for (const rule of document.querySelectorAll("details.rule[data-printed]")) {
    rule.open = false;
    delete rule.dataset.printed;
  }
});

// A page that waits for something looks again, unless somebody is typing in it.
for (const waiting of document.querySelectorAll("[data-look-again]")) {
  setInterval(() => {
    if (!document.hidden && !document.activeElement.closest("input, textarea, select")) location.reload();
  }, Number(waiting.dataset.lookAgain) * 1000);
}

// What was kept while somebody confirmed who they are goes on by itself.
document.querySelector("form[data-send-now]")?.submit();

function markTheme() {
  for (const button of document.querySelectorAll("button[data-theme]")) {
    button.setAttribute("aria-pressed", String(button.dataset.theme === chosenTheme()));
  }
}

for (const button of document.querySelectorAll("button[data-theme]")) {
  button.addEventListener("click", () => {
    try {
      localStorage.setItem("fairwitness.theme", button.dataset.theme);
    } catch {
      // Storage may be forbidden; the choice then lasts as long as the page.
    }
    applyTheme(button.dataset.theme);
    markTheme();
  });
}
markTheme();
