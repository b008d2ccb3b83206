// Passkeys: asks the browser for one, or to make one, and sends what it says with the form. Words are in the page.
"use strict";

function passkeyFailed(form) {
  const line = form.querySelector("[data-passkey-failed]");
  if (line) line.hidden = false;
}

async function askPasskey(form) {
  if ("given" in form.dataset) {
    const given = JSON.parse(document.getElementById("js_data").textContent).request_options;
    return JSON.stringify(await webauthnJSON.get(given));
  }
  const answer = await fetch(form.dataset.options, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(answer.statusText);
  const { request_options: options } = await answer.json();
  return JSON.stringify(await webauthnJSON.get(options));
}

async function makePasskey(form) {
  const options = JSON.parse(document.getElementById("js_data").textContent).creation_options;
  // One that can be found without a name, opened by finger, face or PIN: it is both factors at once.
  options.publicKey.authenticatorSelection = {
    ...options.publicKey.authenticatorSelection,
    residentKey: "required",
    requireResidentKey: true,
    userVerification: "required",
  };
  return JSON.stringify(await webauthnJSON.create(options));
}

for (const form of document.querySelectorAll("form[data-passkey-form]")) {
  const button = form.querySelector("[data-passkey]");
  if (!button || !window.PublicKeyCredential) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      const ask = "make" in form.dataset ? makePasskey : askPasskey;
      form.elements.credential.value = await ask(form);
      for (const field of form.querySelectorAll("[required]")) field.required = false;
      if (!form.dispatchEvent(new CustomEvent("passkey", { cancelable: true }))) return;
      form.submit();
    } catch {
      passkeyFailed(form);
    }
  });
}
