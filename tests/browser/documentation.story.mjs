// The interactive documentation runs under its own policy: it shows the contract, takes a key, calls the service, and
// says nothing wrong in the console; nobody frames it.
import { strict as assert } from 'node:assert';
import { createServer } from 'node:http';
import { join } from 'node:path';

import { URL, browser } from './world.mjs';

const step = (words) => console.log(`  ${words}`);
const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'fr-FR' });
const page = await context.newPage();
const said = [];
page.on('console', (message) => ['error', 'warning'].includes(message.type()) && said.push(message.text()));
page.on('pageerror', (error) => said.push(String(error)));
await page.addInitScript(() => {
  globalThis.refused = [];
  document.addEventListener('securitypolicyviolation', (event) => {
    globalThis.refused.push(`${event.effectiveDirective}: ${event.blockedURI} ${event.sample}`);
  });
});
const quiet = async (when) => {
  assert.deepEqual(await page.evaluate(() => globalThis.refused), [], `what the policy refused, ${when}`);
  assert.deepEqual(said, [], `the console, ${when}`);
};

const answer = await page.goto(`${URL}/docs`);
const policy = answer.headers()['content-security-policy'];
assert(policy.includes("frame-ancestors 'none'") && !policy.includes('unsafe'), policy);
await page.locator('#operations-Health-get_health').waitFor();
assert((await page.locator('.opblock').count()) > 100, 'every operation is shown');
await quiet('once the contract is shown');
step('The contract is shown.');

// A key is entered, an operation is tried, the service answers.
await page.getByRole('button', { name: 'Authorize' }).first().click();
const key = page.locator('.auth-container input').first();
await key.fill(process.env.CLAIRIERE_ADMIN_KEY);
await page.locator('.auth-btn-wrapper .authorize').first().click();
await page.locator('.btn-done').first().click();
const me = page.locator('.opblock', { has: page.locator('[data-path="/v1/me"]') }).first();
await me.locator('.opblock-summary').click();
await me.getByRole('button', { name: 'Try it out' }).click();
await me.getByRole('button', { name: 'Execute' }).click();
await me.locator('.live-responses-table .response-col_status', { hasText: '200' }).first().waitFor();
await quiet('once an operation was tried');
await page.screenshot({ path: join(process.env.CLAIRIERE_SHOTS ?? 'shots', 'documentation.png') });
step('An operation was tried with a key.');

// Another site puts it in a frame: nothing of it is shown.
const frame = createServer((_, out) => {
  out.setHeader('Content-Type', 'text/html');
  out.end(`<iframe src="${URL}/docs"></iframe><iframe src="${URL}/verify"></iframe>`);
}).listen(0, '127.0.0.1');
await new Promise((go) => frame.once('listening', go));
const thief = await context.newPage();
const refused = [];
thief.on('console', (message) => refused.push(message.text()));
await thief.goto(`http://127.0.0.1:${frame.address().port}/`);
await thief.waitForLoadState('networkidle');
const shown = await Promise.all(thief.frames().slice(1).map((one) => one.locator('#ui, main').count().catch(() => 0)));
assert.deepEqual(shown, [0, 0], 'nothing is framed');
assert.equal(refused.filter((text) => text.includes('frame-ancestors')).length, 2, refused.join('\n'));
step('Nobody frames it.');
frame.close();
await browser.close();
