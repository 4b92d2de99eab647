// A convention is signed by the client on a phone, with the finger, and by the cooperative's delegate without script; the
// signed file shows both, carries what was presented, and its verification page answers. Nobody signs twice.
import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { mailed } from './mails.mjs';
import { URL, browser, draws, fitsAtTwice, looks, phone, training } from './world.mjs';

const it = await training([['Inès', 'Roche']]);
const step = (words) => console.log(`  ${words}`);
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const day = new Date(Date.now() + 40 * 86_400_000).toISOString().slice(0, 10);

// Another session is sold to the same association, and its convention sent.
const { items: bookings } = await it.trainer('GET', '/v1/bookings?limit=200');
const sold = bookings.find((one) => one.id === it.booking);
const session = await it.trainer('POST', '/v1/sessions', {
  programme_version_id: (await it.trainer('GET', `/v1/sessions/${it.session}`)).programme_version_id, format: 'intra',
  slots: [{ day, starts: '09:00', ends: '12:30', trainers: [it.teacher] }],
  place: { name: 'Maison des associations', whose: 'client', address: '12 rue des Lilas', postcode: '75020', city: 'Paris' },
});
const booking = await it.trainer('POST', '/v1/bookings', {
  session_id: session.id, client_id: sold.client_id, heads: 6, price_cents: 120_000,
});
const drafted = await it.trainer('POST', `/v1/bookings/${booking.id}/agreement`, { send: true });
const agreement = await it.trainer('GET', `/v1/agreements/${drafted.id}`);
const paper = agreement.document_id;
const { items: asked } = await it.trainer('POST', `/v1/documents/${paper}/signature-requests`, {});
const [client, delegate] = ['client', 'cooperative'].map((party) => asked.find((one) => one.party === party));
const link = /\/signature\/(\S+)/;
const digits = /^(\d{6})\s*$/m;

// The client, on a phone.
const agnes = await (await phone()).newPage();
await agnes.goto(`${URL}/signature/${(await mailed('agnes@example.org', link))[1]}`);
await looks(agnes, 'convention-a-signer');
await fitsAtTwice(agnes, 'convention-a-signer');
const read = await agnes.getByRole('link', { name: /Lire la convention/ }).getAttribute('href');
const presented = Buffer.from(await (await fetch(URL + read)).arrayBuffer());
assert.equal(sha256(presented), client.presented_sha256, 'the very file that is signed is read');
assert(await agnes.getByText(client.presented_sha256).isVisible());
await agnes.getByRole('button', { name: 'Recevoir le code' }).click();
const first = (await mailed('agnes@example.org', digits))[1];
await agnes.getByLabel('Code à six chiffres').fill(first === '000000' ? '111111' : '000000');
await agnes.getByLabel(/Votre nom/).fill('Agnès Petit');
await agnes.getByRole('checkbox').check();
await agnes.getByRole('button', { name: 'Signer', exact: true }).click();
await agnes.getByRole('alert').getByText('il reste 4 essais').waitFor();
await looks(agnes, 'convention-code-faux');
await agnes.getByLabel('Code à six chiffres').fill(first);
await draws(agnes);
await agnes.getByRole('checkbox').check();
await looks(agnes, 'convention-dessinee');
await agnes.getByRole('button', { name: 'Signer', exact: true }).click();
await agnes.getByText(/votre signature est enregistrée/).waitFor();
await looks(agnes, 'convention-signee-par-la-cliente');
step('Agnès read, received a code and signed with her finger.');

// The delegate, without script.
const claude = await (await phone({ javaScriptEnabled: false })).newPage();
await claude.goto(`${URL}/signature/${(await mailed(delegate.email, link))[1]}`);
assert.equal(await claude.locator('canvas').isVisible(), false, 'no pad that would not work');
await claude.getByRole('button', { name: 'Recevoir le code' }).click();
await claude.getByLabel('Code à six chiffres').fill((await mailed(delegate.email, digits))[1]);
await claude.getByLabel(/Votre nom/).fill('Claude Bernard');
await claude.getByRole('checkbox').check();
await claude.getByRole('button', { name: 'Signer', exact: true }).click();
await claude.getByText(/votre signature est enregistrée/).waitFor();
step('Claude signed for the cooperative, without script.');

// The signed file shows both, and carries what was presented.
assert.equal((await it.trainer('GET', `/v1/agreements/${drafted.id}`)).state, 'signed');
let signed;
for (let tries = 0; !signed; tries += 1) {
  signed = await it.trainer('GET', `/v1/documents/${paper}/file?role=signed`).catch((refused) => {
    if (tries > 100) throw refused;
  });
  await new Promise((yes) => setTimeout(yes, 200));
}
const folder = mkdtempSync(join(tmpdir(), 'convention-'));
const file = join(folder, 'convention-signee.pdf');
writeFileSync(file, signed);
const text = execFileSync('pdftotext', ['-layout', file, '-']).toString().replace(/\s+/g, ' ');
for (const said of ['Mme Agnès Petit, présidente', 'Claude Bernard', 'Signé électroniquement', 'Preuve des signatures'])
  assert(text.includes(said), `« ${said} » is printed: ${text}`);
assert(text.replace(/\s/g, '').includes(client.presented_sha256), 'the hash of what was presented is printed');
const carried = execFileSync('pdfdetach', ['-list', file]).toString();
const place = carried.split('\n').findIndex((line) => /presente-/.test(line));
assert(place > 0, carried);
execFileSync('pdfdetach', ['-save', String(place), '-o', join(folder, 'presente.pdf'), file]);
assert.equal(sha256(readFileSync(join(folder, 'presente.pdf'))), client.presented_sha256);
await agnes.reload();
await looks(agnes, 'convention-complete');
const [download] = await Promise.all([
  agnes.waitForEvent('download'),
  agnes.getByRole('link', { name: /Télécharger le document signé/ }).click(),
]);
writeFileSync(join(folder, 'recue.pdf'), readFileSync(await download.path()));
step('The signed file shows both signatures and carries the one that was presented.');

// Its verification page answers, and knows the file.
const address = (await it.trainer('GET', `/v1/documents/${paper}`)).verification_address;
const check = await (await phone()).newPage();
await check.goto(URL + address.slice(address.indexOf('/verify/')));
await check.getByLabel('Fichier PDF').setInputFiles(join(folder, 'recue.pdf'));
await check.getByRole('button', { name: 'Comparer' }).click();
await check.locator('#outcome:not([hidden])').waitFor();
assert.equal(await check.locator('#outcome.warn').count(), 0, await check.locator('#outcome').textContent());
await looks(check, 'convention-verifiee');
step('The verification page knows the signed file.');

// Nobody signs twice.
const again = await fetch(`${URL}/v1/signature-batches`, {
  method: 'POST', body: JSON.stringify({ request_ids: [delegate.id] }),
  headers: { Authorization: `Bearer ${process.env.CLAIRIERE_TRAINING_KEY}`, 'Content-Type': 'application/json' },
});
assert.equal((await again.json()).code, 'signature.already_signed');
assert.equal(await agnes.getByRole('button', { name: 'Signer', exact: true }).count(), 0);

await browser.close();
console.log('The convention was signed in a browser, by the client and by the cooperative.');
