// A convention is signed by the client on a phone, with the finger, and by the cooperative's delegate without script; the
// signed file shows both and carries what was presented, its verification page answers, and nobody signs twice.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { mailed } from "./mails.mjs";

const LINK = /\/signature\/(\S+)/;
const DIGITS = /^(\d{6})\s*$/m;
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

/** A stroke of the finger, like a signature. */
async function draws(page) {
  const canvas = page.locator("canvas.pad");
  await canvas.scrollIntoViewIfNeeded();
  const box = await canvas.boundingBox();
  const at = (x, y) => [box.x + box.width * x, box.y + box.height * y];
  await page.mouse.move(...at(0.15, 0.5));
  await page.mouse.down();
  for (let step = 1; step <= 24; step += 1) {
    await page.mouse.move(...at(0.15 + 0.025 * step, 0.5 + 0.25 * Math.sin(step / 2)), { steps: 2 });
  }
  await page.mouse.up();
}

/** A convention that was sent to an association, forty days before the training. */
async function sent(api) {
  const [programme] = (await api("trainer", "GET", "/v1/programmes?limit=1")).items;
  const trainers = (await api("trainer", "GET", "/v1/trainers?limit=200")).items;
  const teacher = trainers.find((one) => one.accredited_from);
  const client = await api("trainer", "POST", "/v1/clients", {
    kind: "association", name: "Les Ateliers du Lilas", legal_form: "association loi 1901", rna: "W751234567",
    address: "12 rue des Lilas", postcode: "75020", city: "Paris",
    contacts: [{
      person: { civility: "mme", first_name: "Agnès", birth_name: "Petit", email: "agnes@example.org" },
      roles: ["signatory", "training_lead"], quality: "présidente",
    }],
  });
  const day = new Date(Date.now() + 40 * 86_400_000).toISOString().slice(0, 10);
  const session = await api("trainer", "POST", "/v1/sessions", {
    programme_version_id: programme.current_version_id, format: "intra",
    slots: [{ day, starts: "09:00", ends: "12:30", trainers: [teacher.id] }],
    place: { name: "Maison des associations", whose: "client", address: "12 rue des Lilas", postcode: "75020", city: "Paris" },
  });
  const booking = await api("trainer", "POST", "/v1/bookings", {
    session_id: session.id, client_id: client.id, heads: 6, price_cents: 120_000,
  });
  const drafted = await api("trainer", "POST", `/v1/bookings/${booking.id}/agreement`, { send: true });
  return api("trainer", "GET", `/v1/agreements/${drafted.id}`);
}

export default async function ({ api, assert, base, demo, open, shot, well }) {
  const mails = path.join(demo, "mail");
  const agreement = await sent(api);
  const paper = agreement.document_id;
  const { items } = await api("trainer", "POST", `/v1/documents/${paper}/signature-requests`, {});
  const [client, delegate] = ["client", "cooperative"].map((party) => items.find((one) => one.party === party));

  // The client, on a phone.
  const agnes = await open();
  const link = `${base}/signature/${await mailed(mails, client.email, LINK)}`;
  await agnes.goto(link);
  await well(agnes, "the page to sign");
  await shot(agnes, "signature-read");
  const read = await agnes.getByRole("link", { name: /Lire la convention/ }).getAttribute("href");
  const presented = Buffer.from(await (await fetch(base + read)).arrayBuffer());
  assert.equal(sha256(presented), client.presented_sha256, "the very file that is signed is read");
  assert.ok(await agnes.getByText(client.presented_sha256).isVisible(), "its hash is shown");
  await agnes.getByRole("button", { name: "Recevoir le code" }).click();
  const code = await mailed(mails, client.email, DIGITS);
  const signs = async (page, digits, name) => {
    await page.getByLabel("Code à six chiffres").fill(digits);
    await page.getByLabel(/ez votre prénom|Votre nom/).fill(name);
    await page.getByRole("checkbox").check();
    await page.getByRole("button", { name: "Signer", exact: true }).click();
  };
  await signs(agnes, code === "000000" ? "111111" : "000000", "Agnès Petit");
  await agnes.getByRole("alert").getByText("il reste 4 essais").waitFor();
  agnes.faults.length = 0; // The refusal is a status that the browser's console tells.
  await well(agnes, "a wrong code");
  await shot(agnes, "signature-wrong-code");
  await agnes.getByLabel("Code à six chiffres").fill(code);
  await draws(agnes);
  await agnes.getByRole("checkbox").check();
  await shot(agnes, "signature-drawn");
  await agnes.getByRole("button", { name: "Signer", exact: true }).click();
  await agnes.getByText(/votre signature est enregistrée/).waitFor();
  await well(agnes, "what a client who signed sees");
  await shot(agnes, "signature-client-done");

  // The cooperative's delegate, without script.
  const colombe = await open({ script: false });
  await colombe.goto(`${base}/signature/${await mailed(mails, delegate.email, LINK)}`);
  assert.equal(await colombe.locator("canvas").isVisible(), false, "no pad that would not work");
  await shot(colombe, "signature-delegate");
  await colombe.getByRole("button", { name: "Recevoir le code" }).click();
  await signs(colombe, await mailed(mails, delegate.email, DIGITS), delegate.name);
  await colombe.getByText(/votre signature est enregistrée/).waitFor();
  assert.equal((await api("trainer", "GET", `/v1/agreements/${agreement.id}`)).state, "signed");

  // The signed file shows both, and carries what was presented.
  const ready = agnes.getByRole("link", { name: /Télécharger le document signé/ });
  for (let tries = 0; tries < 50 && (await ready.count()) === 0; tries += 1) {
    await agnes.waitForTimeout(200);
    await agnes.reload();
  }
  await well(agnes, "what is left when all have signed");
  await shot(agnes, "signature-complete");
  const folder = mkdtempSync(path.join(tmpdir(), "convention-"));
  const file = path.join(folder, "convention-signee.pdf");
  const [download] = await Promise.all([agnes.waitForEvent("download"), ready.click()]);
  writeFileSync(file, readFileSync(await download.path()));
  const text = execFileSync("pdftotext", ["-layout", file, "-"]).toString().replace(/\s+/g, " ");
  for (const said of ["Mme Agnès Petit", delegate.name, "Signé électroniquement", "Preuve des signatures"]) {
    assert.ok(text.includes(said), `« ${said} » is not printed: ${text}`);
  }
  assert.ok(text.replaceAll(" ", "").includes(client.presented_sha256), "the hash of what was presented is printed");
  const carried = execFileSync("pdfdetach", ["-list", file]).toString().split("\n");
  const place = carried.findIndex((line) => line.includes("presente-"));
  assert.ok(place > 0, `what was presented is not carried: ${carried}`);
  const out = path.join(folder, "presente.pdf");
  execFileSync("pdfdetach", ["-save", String(place), "-o", out, file]);
  assert.equal(sha256(readFileSync(out)), client.presented_sha256);

  // With the organisation's seal over the signatures: `.ci/run browser` gives it to a validator.
  const sealed = await api("trainer", "GET", `/v1/documents/${paper}/file?role=sealed`);
  assert.ok(sealed.subarray(0, 5).equals(Buffer.from("%PDF-")) && sealed.includes("ETSI.CAdES.detached"));
  assert.ok(execFileSync("pdftotext", ["-", "-"], { input: sealed }).toString().includes("Preuve des signatures"));
  writeFileSync(path.join(process.env.SHOTS, "convention-signee.pdf"), sealed);

  // Its verification page answers, and knows the file.
  const address = (await api("trainer", "GET", `/v1/documents/${paper}`)).verification_address;
  const check = await open();
  await check.goto(base + address.slice(address.indexOf("/verify/")));
  await check.locator("#file").setInputFiles(file);
  await check.getByRole("button", { name: "Comparer" }).click();
  await check.locator("#outcome:not([hidden])").waitFor();
  assert.equal(await check.locator("#outcome.warn").count(), 0, await check.locator("#outcome").textContent());
  await well(check, "the verification of a signed convention");
  await shot(check, "signature-verified");

  // Nobody signs twice.
  const again = api("cooperative", "POST", "/v1/signature-batches", { request_ids: [delegate.id] });
  await assert.rejects(again, /signature\.already_signed/);
  assert.equal(await agnes.getByRole("button", { name: "Signer", exact: true }).count(), 0);
}
