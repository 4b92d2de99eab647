// Somebody holds a certificate and wants to know whether it is genuine: by the keyboard alone, on a phone, and without
// script.

import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

export default async function ({ api, assert, demo, base, open, shot, tabTo, well }) {
  const { items } = await api("cooperative", "GET", "/v1/documents?kind=certificate&state=current&limit=1");
  const [paper] = items;
  const code = paper.verification_address.split("/").pop();
  const file = path.join(demo, "papers", `certificate-${paper.reference}.pdf`);
  const heading = (page) => page.textContent("h1");

  // The code is typed, in lower case and without its hyphens.
  const page = await open();
  await page.goto(`${base}/verify`);
  await well(page, "the page that asks for a code");
  await shot(page, "verify-ask");
  await tabTo(page, "#code");
  await page.keyboard.type(code.toLowerCase().replaceAll("-", " "));
  await page.keyboard.press("Enter");
  await page.waitForURL(/code=/);
  assert.equal(await heading(page), "Document authentique");

  // The code is scanned.
  await page.goto(`${base}/verify/${code}`);
  const text = await page.textContent("main");
  for (const said of ["Document authentique", "Certificat de réalisation", paper.reference]) {
    assert.ok(text.includes(said), `« ${said} » is missing: ${text}`);
  }
  const trainee = paper.title.split(" – ").pop();
  assert.ok(trainee.length > 3 && !text.includes(trainee), "no name is told");
  await well(page, "a genuine paper");
  await shot(page, "verify-genuine");

  // The file is compared in the browser: nothing is sent.
  const sent = [];
  page.on("request", (request) => sent.push(`${request.method()} ${request.url()}`));
  const compare = async (files) => {
    await tabTo(page, "#file");
    await page.setInputFiles("#file", files);
    await tabTo(page, "#compare button");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#outcome:focus");
    return page.textContent("#outcome");
  };
  assert.match(await compare(file), /^\s*Ce fichier est bien celui qui porte le cachet de l’organisme/);
  await well(page, "a file that is the same");
  await shot(page, "verify-same");
  const changed = path.join(demo, "changed.pdf");
  writeFileSync(changed, Buffer.concat([readFileSync(file), Buffer.from("\n")]));
  assert.match(await compare(changed), /n’est pas celui qui a été émis/);
  await well(page, "a file that is another");
  await shot(page, "verify-different");
  assert.deepEqual(sent, [], "nothing leaves the browser");

  // A large screen, and letters twice as large.
  const desk = await open({ width: 1280, height: 800, hasTouch: false });
  await desk.goto(`${base}/verify/${code}`);
  await well(desk, "on a desk");
  await shot(desk, "verify-desk");

  // Without script the file is sent, and compared all the same.
  const plain = await open({ script: false });
  await plain.goto(`${base}/verify/${code}`);
  await plain.setInputFiles("#file", file);
  await plain.press("#compare button", "Enter");
  await plain.waitForSelector("#outcome:not([hidden])");
  assert.match(await plain.textContent("#outcome"), /Ce fichier est bien celui qui porte le cachet de l’organisme/);
  await shot(plain, "verify-without-script");

  // A code that nobody has.
  await page.goto(`${base}/verify/00000-00000-00000-00000-000000`);
  assert.equal(await heading(page), "Code inconnu");
  await well(page, "an unknown code");
  await shot(page, "verify-unknown");
}
