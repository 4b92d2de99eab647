// Tells the stories of this folder in a real browser, over the demo.
//
// Environment: CLAIRIERE_URL, CLAIRIERE_DEMO (the folder of the demo that is served), CLAIRIERE_KEYS (JSON: who → key),
// CHROMIUM (the browser), SHOTS (a folder for the screenshots). Arguments: only the stories whose names hold one of them.
//
// A story is `NAME.story.mjs` with `export default async function (tools)`; its tools are below. What fails, throws. A
// story that is a program of its own (see world.mjs) is left to `.ci/run browser`.

import { strict as assert } from "node:assert";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const here = path.dirname(fileURLToPath(import.meta.url));
const base = process.env.CLAIRIERE_URL;
const shots = process.env.SHOTS;
const keys = JSON.parse(process.env.CLAIRIERE_KEYS ?? "{}");
mkdirSync(shots, { recursive: true });

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
});

/** Calls the API with the key of somebody (`trainer`, `cooperative`…), or of nobody. */
async function api(who, method, where, body) {
  const answer = await fetch(base + where, {
    method,
    headers: {
      ...(who && { Authorization: `Bearer ${keys[who]}` }),
      ...(body && { "Content-Type": "application/json" }),
    },
    body: body && JSON.stringify(body),
  });
  if (answer.ok && answer.headers.get("content-type") === "application/pdf") return Buffer.from(await answer.arrayBuffer());
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${where}: ${answer.status} ${text}`);
  return answer.headers.get("content-type")?.includes("json") ? JSON.parse(text) : text;
}

/** A page in a browser of its own: a phone held upright unless told otherwise. */
async function open({ width = 360, height = 740, script = true, ...more } = {}) {
  const context = await browser.newContext({
    viewport: { width, height },
    deviceScaleFactor: 2,
    hasTouch: true,
    locale: "fr-FR",
    timezoneId: "Europe/Paris",
    javaScriptEnabled: script,
    ...more,
  });
  const page = await context.newPage();
  page.faults = [];
  page.on("pageerror", (error) => page.faults.push(String(error)));
  page.on("console", (message) => message.type() === "error" && page.faults.push(message.text()));
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(base) && !/^(data|blob):/.test(url)) page.faults.push(`a third party is asked: ${url}`);
  });
  return page;
}

/** The page passes axe, fits its width, and told nothing wrong. */
async function well(page, what) {
  assert.deepEqual(page.faults, [], `${what}: the browser complains`);
  const { wide, room } = await page.evaluate(() => ({
    wide: document.scrollingElement.scrollWidth,
    room: document.documentElement.clientWidth,
  }));
  assert.ok(wide <= room, `${what}: ${wide} px wide on a screen of ${room}`);
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() =>
    globalThis.axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }),
  );
  const told = violations.map((one) => `${one.id}: ${one.help} (${one.nodes.map((node) => node.target).join(", ")})`);
  assert.deepEqual(told, [], `${what}: axe finds violations`);
}

/** A screenshot of the whole page, to be looked at. */
async function shot(page, name) {
  await page.screenshot({ path: path.join(shots, `${name}.png`), fullPage: true });
}

/** Presses Tab until something has the focus; nobody presses it more than fifty times. */
async function tabTo(page, selector) {
  for (let presses = 0; presses < 50; presses += 1) {
    await page.keyboard.press("Tab");
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return;
  }
  throw new Error(`the keyboard does not reach ${selector}`);
}

const only = process.argv.slice(2);
const stories = readdirSync(here)
  .filter((name) => name.endsWith(".story.mjs"))
  .filter((name) => /^export default/m.test(readFileSync(path.join(here, name), "utf8")))
  .filter((name) => only.length === 0 || only.some((part) => name.includes(part)))
  .sort();
let failed = 0;
for (const name of stories) {
  const begun = Date.now();
  try {
    const { default: tell } = await import(path.join(here, name));
    await tell({ api, assert, base, demo: process.env.CLAIRIERE_DEMO, open, shot, tabTo, well });
    console.log(`${name}: well, in ${((Date.now() - begun) / 1000).toFixed(1)} s`);
  } catch (error) {
    failed += 1;
    console.error(`${name}: ${error.stack}`);
  } finally {
    for (const context of browser.contexts()) await context.close();
  }
}
await browser.close();
process.exit(failed === 0 ? 0 : 1);
