// Passkeys: hands the door's options to the device and the device's answer to the door. Nothing is decided here.
"use strict";

const bytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));

const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

async function post(path, body, csrf) {
  const headers = { "Content-Type": "application/json" };
  if (csrf) headers["X-Presscheck-CSRF"] = csrf;
  const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  const told = await answer.json();
  if (!answer.ok) throw new Error(told.error || "The door did not take it. Try again.");
  return told;
}

function packed(credential) {
  const { response } = credential;
  const sent = { clientDataJSON: text(response.clientDataJSON) };
  if (response.attestationObject) {
    sent.attestationObject = text(response.attestationObject);
  } else {
    sent.authenticatorData = text(response.authenticatorData);
    sent.signature = text(response.signature);
    sent.userHandle = response.userHandle ? text(response.userHandle) : null;
  }
  return { id: credential.id, rawId: text(credential.rawId), type: credential.type, response: sent };
}

async function add(form) {
  const { csrf } = form.dataset;
  const { options, sealed } = await post("/-/api/passkeys/begin", {}, csrf);
  options.challenge = bytes(options.challenge);
  options.user.id = bytes(options.user.id);
  options.excludeCredentials = (options.excludeCredentials || []).map((one) => ({ ...one, id: bytes(one.id) }));
  const made = await navigator.credentials.create({ publicKey: options });
  await post("/-/api/passkeys", { sealed, answer: packed(made), name: form.elements.name.value }, csrf);
  location.assign("/passkeys");
}

// Signing in, and for somebody who is signed in proving again who they are: the same, at another address.
const prove = (path) => async (button) => {
  const { next, csrf } = button.dataset;
  const { options, sealed } = await post(`${path}/begin`, {}, csrf);
  options.challenge = bytes(options.challenge);
  const given = await navigator.credentials.get({ publicKey: options });
  const told = await post(path, { sealed, answer: packed(given), next }, csrf);
  location.assign(told.next);
};

function guarded(act) {
  const fault = document.getElementById("passkey-fault");
  return (event) => {
    event.preventDefault();
    fault.hidden = true;
    act(event.currentTarget).catch((error) => {
      // A device says no with this name, whether nobody answered it or there is no passkey for this door.
      fault.textContent = error.name === "NotAllowedError" ? "The device gave no passkey. Try again." : error.message;
      fault.hidden = false;
    });
  };
}

const form = document.getElementById("passkey-add");
if (form) form.addEventListener("submit", guarded(add));

for (const [id, path] of [
  ["passkey-sign-in", "/-/api/sign-in/passkey"],
  ["passkey-step-up", "/-/api/step-up/passkey"],
]) {
  const button = document.getElementById(id);
  if (button && window.PublicKeyCredential) {
    button.hidden = false;
    button.addEventListener("click", guarded(prove(path)));
  }
}
