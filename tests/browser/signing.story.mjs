// A half-day is signed on phones: drawn, typed after a scan, without script, and without network; the trainer signs on
// their own device and closes; the sheet that is issued shows all of it.
import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { mailed } from './mails.mjs';
import { URL, browser, draws, fitsAtTwice, looks, phone, ready, training } from './world.mjs';

const people = [['Zoé', 'Lefèvre'], ['Paul', 'Moreau'], ['Ali', 'Benali'], ['Nadia', 'Petit'], ['Omar', 'Haddad'], ['Inès', 'Faure']];
const it = await training(people);
const [zoe, , ali, nadia, omar, ines] = it.enrolments;

const link = async (by, body) => {
  const made = await by('POST', `/v1/sessions/${it.session}/signing-links`, { ...body, delivery: 'answer' });
  return made.items[0].address;
};
// Trainees' links are answered to the cooperative alone; a trainer has the page of the day.
const own = (enrolment) => link(it.cooperative, { enrolments: [enrolment] });
const live = () => it.trainer('GET', `/v1/slots/${it.slot}/live`);
const step = (words) => console.log(`  ${words}`);

// The trainer opens the day's page, and the half-day.
const device = await phone();
const marie = await device.newPage();
const day = await link(it.trainer, { slots: [it.slot] });
await marie.goto(day);
await ready(marie);
await looks(marie, 'journee');
await fitsAtTwice(marie, 'journee');
await marie.getByRole('link', { name: /Ouvrir cette page/ }).click();
await ready(marie);
await looks(marie, 'demi-journee');
await fitsAtTwice(marie, 'demi-journee');
await marie.getByRole('button', { name: 'Montrer le code à scanner' }).click();
await marie.locator('#qr svg').waitFor();
await looks(marie, 'code');
await fitsAtTwice(marie, 'code');
step('Marie opened the half-day and shows its code.');

// Zoé draws, on her own page.
const first = await (await phone()).newPage();
await first.goto(await own(zoe));
await ready(first);
await looks(first, 'lien-personnel');
await fitsAtTwice(first, 'lien-personnel');
await first.getByRole('button', { name: 'Signer ma présence' }).click();
await first.getByText('Signez dans le cadre, ou écrivez votre nom.').waitFor();
await draws(first);
await first.screenshot({ path: join(process.env.CLAIRIERE_SHOTS ?? 'shots', 'dessin.png') });
await first.getByRole('button', { name: 'Signer ma présence' }).click();
await first.getByText(/Signée le/).first().waitFor();
await looks(first, 'recu');
step('Zoé signed with her finger.');

// Paul scans the code, says who he is, types his name.
const code = await it.trainer('GET', `/v1/slots/${it.slot}/code`);
const second = await (await phone()).newPage();
await second.goto(code.address);
await looks(second, 'code-scanne');
await second.getByRole('button', { name: 'Continuer' }).click();
await ready(second);
await looks(second, 'qui-etes-vous');
await fitsAtTwice(second, 'qui-etes-vous');
await second.getByLabel('Qui êtes-vous ?').selectOption({ label: 'Paul M.' });
await second.getByLabel('Ou écrivez votre prénom et votre nom').fill('Paul Moreau');
await second.getByRole('button', { name: 'Signer ma présence' }).click();
await second.getByText(/Signature enregistrée/).waitFor();
await looks(second, 'recu-declare');
await second.goto(`${URL}/presence/code`);
await looks(second, 'code-a-taper');
await second.getByLabel('Code affiché dans la salle').fill('ABCD-2346');
await second.getByRole('button', { name: 'Continuer' }).click();
await second.getByText(/n’est pas celui/).waitFor();
await looks(second, 'code-faux');
const contested = await mailed(process.env.MAIL_DIR, 'moreau@example.org', /\/contestation\/([\w-]+)/);
await second.goto(`${URL}/contestation/${contested}`);
await looks(second, 'contestation');
await fitsAtTwice(second, 'contestation');
step('Paul scanned the code and typed his name.');

// Ali has no script: a plain form. axe needs one, so it looks at the page as it is when its own scripts never came.
const plain = await own(ali);
const bare = await phone();
await bare.route('**/*', (route) => (route.request().resourceType() === 'script' ? route.abort() : route.continue()));
const bared = await bare.newPage();
await bared.goto(plain);
assert.equal(await bared.locator('canvas').isVisible(), false, 'no pad that would not work');
await looks(bared, 'sans-script');
await fitsAtTwice(bared, 'sans-script');
const third = await (await phone({ javaScriptEnabled: false })).newPage();
await third.goto(plain);
assert.equal(await third.locator('canvas').isVisible(), false, 'no pad that would not work');
await third.getByLabel('Ou écrivez votre prénom et votre nom').fill('Ali Benali');
await third.getByRole('button', { name: 'Signer ma présence' }).click();
await third.getByText(/Signée le/).first().waitFor();
step('Ali signed without script.');

// Nadia and Omar share a phone and opened their pages, then the network went; it comes back.
const away = await phone();
const fourth = await away.newPage();
const omars = await own(omar);
await fourth.goto(omars);
await ready(fourth);
await fourth.goto(await own(nadia));
await ready(fourth);
await away.setOffline(true);
await fourth.reload();
await ready(fourth);
await draws(fourth, 0.4);
await fourth.getByRole('button', { name: 'Signer ma présence' }).click();
await fourth.getByText(/signature gardée sur cet appareil/).waitFor();
await looks(fourth, 'sans-reseau');
await fourth.goto(omars);
await ready(fourth);
await draws(fourth, 0.7);
await fourth.getByRole('button', { name: 'Signer ma présence' }).click();
await fourth.getByText(/signature gardée sur cet appareil/).waitFor();
assert.equal((await live()).signed, 3);
await away.setOffline(false);
await fourth.getByText('2 signatures ont été envoyées.').waitFor({ timeout: 45_000 });
const left = await fourth.evaluate(
  () =>
    new Promise((yes) => {
      const asked = indexedDB.open('clairiere', 1);
      asked.onsuccess = () => {
        const rows = asked.result.transaction('queue').objectStore('queue').count();
        rows.onsuccess = () => yes(rows.result);
      };
    }),
);
assert.equal(left, 0, 'nothing stays on the device once it was sent');
assert.equal((await live()).signed, 5);
step('Nadia and Omar signed without network on one phone, and both signatures came.');

// Lina opened her page too early, then the network went: the form comes in its time.
const early = await training([['Lina', 'Roux']], [2, 40]);
const begun = Date.now() + 120_000;
const made = await early.cooperative('POST', `/v1/sessions/${early.session}/signing-links`, { delivery: 'answer' });
const train = await phone();
const fifth = await train.newPage();
await fifth.goto(made.items[0].address);
await ready(fifth);
await fifth.getByText('Rien à signer maintenant').waitFor();
await looks(fifth, 'trop-tot');
assert.equal(await fifth.locator('canvas').isVisible(), false, 'nothing to sign before its time');
await train.setOffline(true);
await fifth.clock.setFixedTime(new Date(Date.now() + 130_000));
await fifth.reload();
await fifth.locator('canvas').waitFor({ timeout: 15_000 });
await draws(fifth, 0.5);
await fifth.getByRole('button', { name: 'Signer ma présence' }).click();
await fifth.getByText(/signature gardée sur cet appareil/).waitFor();
await looks(fifth, 'signe-sans-reseau-a-l-heure');
step('Lina, who opened her page before the half-day, signed without network once it had begun.');

// Marie signs on her device, passed round, while there is no network; then she closes, though Inès did not sign.
await marie.goto(`${day}/${it.slot}/signer`);
await ready(marie);
await looks(marie, 'passage');
await device.setOffline(true);
await marie.getByText('Marie Martin (formation)').click();
await draws(marie, 0.6);
await looks(marie, 'passage-signature');
await marie.getByRole('button', { name: 'Signer, puis passer l’appareil' }).click();
await marie.getByText(/Marie Martin \(formation\) : signature gardée sur cet appareil/).waitFor();
await looks(marie, 'passage-sans-reseau');
await device.setOffline(false);
await marie.getByText('La signature a été envoyée.').waitFor({ timeout: 45_000 });
await marie.goto(`${day}/${it.slot}`);
await ready(marie);
await looks(marie, 'demi-journee-signee');
await marie.getByRole('link', { name: /Heures, constat : Nadia Petit/ }).click();
await looks(marie, 'heures-constat');
await marie.goBack();
await marie.getByRole('link', { name: 'Clore la demi-journée' }).click();
await looks(marie, 'cloture');
await marie.getByLabel('Pourquoi clore ainsi').fill('Inès n’a pas signé');
await marie.getByRole('button', { name: 'Confirmer et clore' }).click();
await marie.getByText(/demi-journée close/).waitFor();
await ready(marie);
await looks(marie, 'close');
const kept = await marie.evaluate(async () => {
  const cache = await caches.open('clairiere-1');
  return (await cache.keys()).map((one) => new URL(one.url).pathname).filter((path) => path.startsWith('/journee/'));
});
assert.deepEqual(kept, [], 'the shared device keeps no page once the half-day is closed');
step('Marie signed and closed.');

// Inès signs too late, and says how her name is written; Marie refuses what she signed.
const iness = await own(ines);
const sixth = await (await phone()).newPage();
await sixth.goto(iness);
await ready(sixth);
await sixth.getByText(/Vous pouvez encore signer/).waitFor();
await looks(sixth, 'en-retard');
await fitsAtTwice(sixth, 'en-retard');
await sixth.getByText('Mon nom est mal écrit').click();
await sixth.getByLabel('Il s’écrit').fill('Inès Faure-Petit');
await sixth.getByRole('button', { name: 'Demander la correction' }).click();
await sixth.getByRole('heading', { name: 'C’est noté' }).waitFor();
await looks(sixth, 'c-est-note');
await sixth.getByRole('link', { name: 'Revenir à ma page' }).click();
await ready(sixth);
await sixth.getByLabel('Ou écrivez votre prénom et votre nom').fill('Inès Faure');
await sixth.getByRole('button', { name: 'Signer ma présence' }).click();
await sixth.getByText(/une décision est attendue/).first().waitFor();
await looks(sixth, 'en-attente');
await marie.goto(`${day}/${it.slot}`);
await ready(marie);
await looks(marie, 'a-decider');
await marie.getByLabel('Motif').fill('Inès n’était pas là');
await marie.getByRole('button', { name: 'Refuser' }).click();
await marie.getByRole('button', { name: 'Refuser' }).waitFor({ state: 'detached' });
await sixth.goto(iness);
await sixth.getByText(/n’a pas été retenue/).waitFor();
await looks(sixth, 'refusee');
step('Inès signed late, and Marie refused it.');

// A link that opens nothing says what to do.
await marie.goto(`${URL}/presence/inconnu`);
await looks(marie, 'lien-inconnu');

// The sheet shows all of it.
const sheets = await it.trainer('GET', '/v1/documents?limit=200');
let sheet = sheets.items.find((paper) => paper.kind === 'attendance-sheet' && paper.state === 'current');
sheet ??= await it.trainer('POST', `/v1/sessions/${it.session}/attendance-sheets`, {});
const pdf = await it.trainer('GET', `/v1/documents/${sheet.id}/file`);
const file = join(process.env.CLAIRIERE_SHOTS ?? 'shots', 'feuille.pdf');
writeFileSync(file, pdf);
const text = execFileSync('pdftotext', ['-layout', file, '-']).toString().replace(/\s+/g, ' ');
for (const [given, name] of people) assert(text.includes(name), `${given} ${name} is on the sheet: ${text}`);
assert(/sign/i.test(text) && text.includes('Martin'), text);
const marks = await it.trainer('GET', `/v1/marks?slot_id=${it.slot}`);
assert.equal(marks.items.filter((mark) => mark.proof === 'signed').length, 5);
step('The sheet names all of them and who trained them.');

// Lina's network comes back once her half-day has begun for the server too: her own clock is not believed alone.
await new Promise((yes) => setTimeout(yes, Math.max(0, begun - Date.now())));
await train.setOffline(false);
await fifth.getByText('La signature a été envoyée.').waitFor({ timeout: 45_000 });
assert.equal((await early.trainer('GET', `/v1/slots/${early.slot}/live`)).signed, 1);
step('What Lina signed without network came.');

// Paul says that it was not him.
await second.getByRole('button', { name: 'Ce n’est pas moi qui ai signé' }).click();
await second.getByText(/Vous avez signalé/).waitFor();
await looks(second, 'contestee');

await browser.close();
console.log('The half-day was signed in a browser, by six people and their trainer.');
