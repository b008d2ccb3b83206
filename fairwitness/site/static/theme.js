// Applies the appearance that this browser's user chose, before the first paint; the device decides otherwise.
"use strict";
document.documentElement.classList.add("js");
const darkSheet = document.querySelector("link[data-dark]");
const asDevice = darkSheet.media;

function chosenTheme() {
  try {
    return localStorage.getItem("fairwitness.theme") || "auto";
  } catch {
    return "auto"; // Storage may be forbidden; the device then decides.
  }
}

function applyTheme(theme) {
  darkSheet.media = { light: "not all", dark: "screen" }[theme] || asDevice;
  document.documentElement.style.colorScheme = { light: "light", dark: "dark" }[theme] || "";
}

applyTheme(chosenTheme());
