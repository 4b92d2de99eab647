// Staff sign in with a real provider, in a real browser, on a phone's width: the key works, the documentation calls with it,
// signing out ends it; whoever has no place here is told so.
//
// Environment: that of tests/browser/world.mjs, and OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET, CLAIRIERE_LOG (the
// service's own log).
import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';

import { start } from './provider.mjs';
import { URL as base, browser, looks, phone } from './world.mjs';

const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: client, OIDC_CLIENT_SECRET: secret, CLAIRIERE_LOG: log } = process.env;
const step = (words) => console.log(`  ${words}`);
const me = (key) => fetch(`${base}/v1/me`, { headers: { Authorization: `Bearer ${key}` } });

/** A page of somebody of their own; what the provider's pages would fetch from elsewhere is left out. */
async function visitor(more) {
  const context = await phone(more);
  await context.route((one) => !['localhost', '127.0.0.1'].includes(one.hostname), (route) => route.abort());
  return context.newPage();
}

/** On the provider's own pages: who one is, and that one agrees. */
async function recognised(page, name) {
  await page.locator('input[name=login]').fill(name);
  await page.locator('input[name=password]').fill('un mot de passe');
  await page.locator('button[type=submit]').click();
  await page.getByRole('button', { name: 'Continue' }).click();
}

// The service runs, and its door is open, before there is any provider.
const early = await visitor();
await early.goto(`${base}/connexion`);
await looks(early, 'connexion');
await early.getByRole('link', { name: 'Se connecter' }).click();
await early.getByText('Le service d’identité ne répond pas').waitFor();
await looks(early, 'connexion-sans-service');
step('Nobody comes in while the provider is down, and the page says so.');

const provider = start({ issuer, client, secret, base });
await new Promise((yes) => setTimeout(yes, 5500)); // The service asks again after five seconds.

// Nadia comes in, and looks at the documentation.
const nadia = await visitor();
const complaints = [];
const ours = (message) => message.type() === 'error' && message.location().url.startsWith(base);
nadia.on('console', (message) => ours(message) && complaints.push(message.text()));
nadia.on('pageerror', (error) => complaints.push(String(error)));
await nadia.goto(`${base}/connexion`);
await nadia.getByRole('link', { name: 'Se connecter' }).click();
await recognised(nadia, 'nadia');
await nadia.getByRole('heading', { name: 'Bonjour Nadia Roche' }).waitFor();
await looks(nadia, 'connexion-cle');
assert.equal(nadia.url(), `${base}/connexion`, 'nothing of the sign-in is left in the address');
assert.deepEqual(await nadia.context().cookies(base).then((all) => all.filter((one) => one.name.includes('connexion'))), []);
const key = await nadia.locator('#key').inputValue();
const told = await (await me(key)).json();
assert.equal(told.role, 'coop_training', 'the role is the one of the claim');
assert.ok(told.sees_all);
step('Nadia has a key, with the role of her group.');

await nadia.getByRole('link', { name: 'Ouvrir la documentation' }).click();
await nadia.locator('#signed-in').getByText('Nadia Roche').waitFor();
const operation = nadia.locator('[id$="get_me"]').first();
await operation.locator('.opblock-summary-control, .opblock-summary').first().click();
await operation.getByRole('button', { name: 'Try it out' }).click();
const [answer] = await Promise.all([
  nadia.waitForResponse((one) => one.url() === `${base}/v1/me`),
  operation.getByRole('button', { name: 'Execute' }).click(),
]);
assert.equal(answer.status(), 200, 'the documentation calls with the key');
assert.equal((await answer.json()).user_id, told.user_id);
await nadia.evaluate(() => window.scrollTo(0, 0));
await nadia.screenshot({ path: `${process.env.CLAIRIERE_SHOTS}/connexion-documentation.png` });
step('The documentation calls with her key.');

await nadia.locator('#signed-in').getByRole('button', { name: 'Se déconnecter' }).click();
await nadia.getByText('Votre clé n’ouvre plus rien').waitFor();
await looks(nadia, 'connexion-fin');
assert.equal((await me(key)).status, 401, 'signing out ends the key');
assert.equal(await nadia.evaluate(() => sessionStorage.length), 0);
await nadia.getByRole('link', { name: /Se déconnecter de/ }).click();
await nadia.getByRole('button', { name: /Yes/ }).click();
await nadia.getByRole('link', { name: 'Se connecter' }).waitFor();
assert.equal(nadia.url().split('?')[0], `${base}/connexion`, 'the provider sends her back to our door');
await nadia.getByRole('link', { name: 'Se connecter' }).click();
await nadia.locator('input[name=login]').waitFor();
assert.deepEqual(complaints, [], 'the browser complains of nothing');
step('She signed out, here and at the provider’s.');

// Without script, the key is there to be copied, and the form signs out.
const plain = await visitor({ javaScriptEnabled: false });
await plain.goto(`${base}/connexion`);
await plain.getByRole('link', { name: 'Se connecter' }).click();
await recognised(plain, 'nadia');
await plain.getByRole('heading', { name: 'Bonjour Nadia Roche' }).waitFor();
const second = await plain.locator('#key').inputValue();
assert.equal((await me(second)).status, 200);
const returned = plain.url();
await plain.reload();
await plain.getByText('Cette connexion n’est plus valable').waitFor();
assert.equal((await plain.content()).includes('clairiere_'), false, 'loading it again shows no key');
await plain.goto(`${base}/docs`);
await plain.goto(returned);
await plain.getByText('Cette connexion n’est plus valable').waitFor();
assert.equal((await me(second)).status, 200, 'what was given stays given');
step('Without script it works too, and an address serves once.');

// Whoever has no role, no verified address, or gives up.
const zoe = await visitor();
await zoe.goto(`${base}/connexion/partir`);
await recognised(zoe, 'zoe');
await zoe.getByText('sign_in.no_role').waitFor();
await looks(zoe, 'connexion-sans-role');
const paul = await visitor();
await paul.goto(`${base}/connexion/partir`);
await recognised(paul, 'paul');
await paul.getByText('sign_in.email_unverified').waitFor();
await looks(paul, 'connexion-adresse');
const nobody = await visitor();
await nobody.goto(`${base}/connexion/partir`);
await nobody.getByRole('link', { name: /Cancel/ }).click();
await nobody.getByText('Connexion annulée').waitFor();
await looks(nobody, 'connexion-annulee');
step('Whoever has no place here is told so.');

// The provider saw what it should; the log holds nothing that opens anything, and nobody's name.
assert.ok(provider.seen.some((line) => line.startsWith('POST /token 200')));
const written = readFileSync(log, 'utf8');
for (const reason of ['sign_in.provider_down', 'sign_in.no_role', 'sign_in.email_unverified', 'sign_in.stale', 'sign_in.declined']) {
  assert.ok(written.includes(reason), `${reason} is not in the log`);
}
// Of a key that was refused, its first characters stand there, as where keys are listed.
assert.doesNotMatch(written, /clairiere_[\w-]{7}/);
for (const secret of ['code=', 'state=', 'example.org', 'Nadia', 'eyJ']) {
  assert.equal(written.includes(secret), false, `${secret} is in the log`);
}
provider.stop();
await browser.close();
process.exit(0);
