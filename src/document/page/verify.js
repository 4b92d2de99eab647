// Compares a file with what was issued, in the browser: its hash is computed here and the file goes nowhere.
// Without WebCrypto (an old browser, a page that is not served over TLS) the form is sent as it stands.
"use strict";

const form = document.getElementById("compare");
const help = document.getElementById("file-help");
const outcome = document.getElementById("outcome");

function say(sentence, well) {
  outcome.hidden = false;
  outcome.classList.toggle("warn", !well);
  outcome.firstElementChild.textContent = sentence;
  outcome.focus();
}

async function hashOf(file) {
  const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

if (form && window.crypto && crypto.subtle) {
  help.textContent = help.dataset.here;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const file = form.elements.file.files[0];
    if (!file) return;
    const hash = await hashOf(file);
    const same = Array.from(document.querySelectorAll("[data-same]")).find((one) => one.textContent === hash);
    say(same ? same.dataset.same : form.dataset.different, Boolean(same));
  });
}
