// What browser stories start from: a browser like a phone, callers of the API, a training that is about to be signed.
//
// Environment: CLAIRIERE_URL, CLAIRIERE_ADMIN_KEY, CLAIRIERE_TRAINING_KEY, CLAIRIERE_TRAINER_KEY; CLAIRIERE_CHROMIUM (a
// browser of the system), CLAIRIERE_SHOTS (a folder for pictures of the pages).
import { strict as assert } from 'node:assert';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { chromium } from 'playwright-core';

export const URL = process.env.CLAIRIERE_URL;
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const SHOTS = process.env.CLAIRIERE_SHOTS ?? 'shots';
mkdirSync(SHOTS, { recursive: true });

/** Somebody with a key: `call('POST', '/v1/…', body)`. */
export function caller(name) {
  const key = process.env[`CLAIRIERE_${name}_KEY`];
  assert(key, `CLAIRIERE_${name}_KEY is needed`);
  return async (method, path, body) => {
    const form = body instanceof FormData;
    const answer = await fetch(URL + path, {
      method,
      headers: { Authorization: `Bearer ${key}`, ...(body && !form ? { 'Content-Type': 'application/json' } : {}) },
      body: form ? body : body && JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    const type = answer.headers.get('content-type') ?? '';
    return type.includes('json') ? answer.json() : Buffer.from(await answer.arrayBuffer());
  };
}

export const browser = await chromium.launch({
  executablePath: process.env.CLAIRIERE_CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
});

/** A phone of its own: nothing is shared with another. */
export function phone(more = {}) {
  return browser.newContext({
    viewport: { width: 360, height: 740 },
    deviceScaleFactor: 2,
    isMobile: true,
    hasTouch: true,
    locale: 'fr-FR',
    timezoneId: 'Europe/Paris',
    ...more,
  });
}

let pictures = 0;

/** The page as it is: no violation that axe finds, nothing wider than the screen, a picture to look at. */
export async function looks(page, name) {
  await page.evaluate(AXE);
  const found = await page.evaluate(() => globalThis.axe.run(document));
  const told = found.violations.map((one) => `${one.id}: ${one.help} ${one.nodes.map((node) => node.html).join(' ')}`);
  assert.deepEqual(told, [], `axe, on ${name}`);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert(wide <= 0, `${name} is ${wide} pixels wider than the screen`);
  await page.screenshot({ path: join(SHOTS, `${String(++pictures).padStart(2, '0')}-${name}.png`), fullPage: true });
}

/** At 200 % the page still fits: a screen of half the width. */
export async function fitsAtTwice(page, name) {
  const size = page.viewportSize();
  await page.setViewportSize({ width: size.width / 2, height: size.height / 2 });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert(wide <= 0, `${name} is ${wide} pixels wider than the screen at 200 %`);
  await page.setViewportSize(size);
}

/** A stroke of the finger, like a signature. */
export async function draws(page, height = 0.5) {
  const canvas = page.locator('canvas.pad');
  await canvas.scrollIntoViewIfNeeded();
  const box = await canvas.boundingBox();
  const at = (x, y) => [box.x + box.width * x, box.y + box.height * y];
  await page.mouse.move(...at(0.15, height));
  await page.mouse.down();
  for (let step = 1; step <= 24; step += 1)
    await page.mouse.move(...at(0.15 + 0.025 * step, height + 0.25 * Math.sin(step / 2)), { steps: 2 });
  await page.mouse.up();
}

/** The script has made everything ready for when there is no network. */
export const ready = (page) => page.waitForSelector('html[data-ready]', { state: 'attached' });

const clock = (date) =>
  new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Paris', dateStyle: 'short', timeStyle: 'short' }).format(date);

const sinceMidnight = () => {
  const [hours, minutes] = clock(new Date()).slice(11).split(':').map(Number);
  return hours * 60 + minutes;
};

/** Half-days do not cross midnight: who begins too near to it waits for the next day to be long enough. */
async function dayIsLongEnough() {
  while (sinceMidnight() < 10 || sinceMidnight() > 24 * 60 - 25) await new Promise((go) => setTimeout(go, 20_000));
}

/** A training sold to an association, whose half-day of today has just ended and is not signed yet, or (minutes from now) is ahead. */
export async function training(trainees, [from, to] = [-50, -1]) {
  if (from < 0) await dayIsLongEnough();
  const [begins, ends] = [Math.max(from, -sinceMidnight()), Math.min(to, 24 * 60 - 1 - sinceMidnight())];
  const [admin, cooperative, trainer] = ['ADMIN', 'TRAINING', 'TRAINER'].map(caller);
  const since = { valid_from: '2024-01-01' };
  const facts = await admin('GET', '/v1/organisation/signatories');
  let signatory = facts.items[0];
  if (!signatory) {
    await admin('POST', '/v1/organisation/legal-identities', {
      ...since, name: 'Les Communs', legal_form: 'SCOP SARL à capital variable', siren: '732829320',
      siret: '73282932000074', rcs_city: 'Paris', naf: '85.59A', address: '3 rue de la Clairière', postcode: '75020',
      city: 'Paris', email: 'contact@example.org',
    });
    await admin('POST', '/v1/organisation/declarations', { ...since, number: '11751234575', prefect_region: 'Île-de-France' });
    await admin('POST', '/v1/organisation/vat-attestations', { ...since, exempt: true, reference: '3511-2024-01' });
    for (const role of ['disability', 'pedagogy', 'data_protection', 'administration'])
      await admin('POST', '/v1/organisation/referents', {
        ...since, role, first_name: 'Hélène', last_name: 'Fontaine', email: `${role}@example.org`, phone: '0123456789',
      });
    for (const [kind, title] of [['internal_rules', 'Règlement intérieur'], ['terms', 'Conditions générales de vente']])
      await admin('POST', '/v1/organisation/texts', { ...since, kind, title, body: 'Article 1. Chacun respecte les lieux.' });
    signatory = await admin('POST', '/v1/organisation/signatories', {
      ...since, first_name: 'Claude', last_name: 'Bernard', quality: 'gérante', email: 'claude@example.org',
      legal_representative: true, paper_kinds: [],
    });
  }
  const teacher = await trainer('POST', '/v1/trainers', {
    person: { first_name: 'Marie', birth_name: 'Martin', email: 'marie@example.org' }, status: 'entrepreneur_salarie',
    skills: ['Logiciels libres'], diplomas: ['Master informatique'],
  });
  await cooperative('POST', `/v1/trainers/${teacher.id}/accredit`, { from: '2024-01-01' });
  const client = await trainer('POST', '/v1/clients', {
    kind: 'association', name: 'Les Lilas', legal_form: 'association loi 1901', siret: '73282932000074',
    address: '12 rue des Lilas', postcode: '75020', city: 'Paris',
    contacts: [{
      person: { civility: 'mme', first_name: 'Agnès', birth_name: 'Petit', email: 'agnes@example.org' },
      roles: ['signatory', 'training_lead'], quality: 'présidente',
    }],
  });
  const now = new Date();
  const today = clock(now).slice(0, 10);
  const needs = await trainer('POST', '/v1/needs-analyses', {
    client_id: client.id, subject: 'Migrer vers Zourit', held_on: today,
    appointments: [{ on: today, minutes: 90, kind: 'video_call' }],
    participants: [{ name: 'Agnès Petit', role: 'présidente' }],
  });
  await trainer('POST', `/v1/needs-analyses/${needs.id}/conclude`, { conclusion: 'go_ahead' });
  const programme = await trainer('POST', '/v1/programmes', {
    title: 'Administrer Zourit',
    objectives: [{ text: 'Administrer les comptes et les quotas', assessment: 'mise en situation' }],
    audience: 'Salarié·es et bénévoles d’associations', prerequisites: 'aucun',
    modules: [{ title: 'Administration', minutes: 420, points: ['comptes', 'groupes'] }], duration_minutes: 420,
    methods: 'Alternance de grand groupe et de travail individuel',
    means: { teaching: 'Supports remis', technical: 'Un ordinateur par personne', staffing: 'Une formatrice' },
    modality: 'face_to_face', evaluation: 'Positionnement, exercices, bilan',
    follow_up: 'Feuille d’émargement par demi-journée', outcome: 'Attestation de fin de formation', access: 'Sur demande',
    access_delay: 'Quatre semaines', accessibility: 'Référent handicap joignable', contacts: 'bonjour@example.org',
    price_per_group_cents: 120_000, min_heads: 1, max_heads: 12,
  });
  await trainer('POST', `/v1/programmes/${programme.id}/publish`);
  const version = (await trainer('GET', `/v1/programmes/${programme.id}`)).current_version_id;
  const quote = await trainer('POST', '/v1/quotes', {
    client_id: client.id, needs_analysis_id: needs.id, programme_version_id: version, heads: trainees.length,
    period: 'cette semaine', place: 'dans vos locaux',
    lines: [{ nature: 'training', label: 'Formation', quantity_hundredths: 100, unit: 'jour', unit_price_cents: 120_000 }],
  });
  await trainer('POST', `/v1/quotes/${quote.id}/send`);
  await trainer('POST', `/v1/quotes/${quote.id}/accept`, { on: today, by: 'Agnès Petit', quality: 'présidente' });
  // The server lives by the real clock: what ended a moment ago may be signed, and closed.
  const minutes = (on) => clock(new Date(now.getTime() + on * 60_000)).slice(11, 16);
  const made = await trainer('POST', '/v1/trainings', {
    session: {
      programme_version_id: version, format: 'intra',
      slots: [{ day: today, starts: minutes(begins), ends: minutes(ends), trainers: [teacher.id] }],
      place: { name: 'Maison des associations', whose: 'client', address: '12 rue des Lilas', postcode: '75020', city: 'Paris' },
    },
    booking: { client_id: client.id, quote_id: quote.id },
    enrolments: trainees.map(([first_name, birth_name]) => ({
      status: 'employee',
      person: { first_name, birth_name, email: `${birth_name.toLowerCase().normalize('NFD').replace(/\W/g, '')}@example.org` },
    })),
  });
  const booking = made.booking_id;
  await trainer('POST', `/v1/bookings/${booking}/request-approval`);
  await cooperative('POST', `/v1/bookings/${booking}/accept-approval`);
  const agreement = await trainer('POST', `/v1/bookings/${booking}/agreement`, { send: true });
  const form = new FormData();
  form.append('purpose', 'scan');
  form.append('file', new Blob(['%PDF-1.7\nscan'], { type: 'application/pdf' }), 'convention-signee.pdf');
  const scan = await trainer('POST', '/v1/files', form);
  const signed = clock(new Date(now.getTime() - 10 * 86_400_000)).slice(0, 10);
  await trainer('POST', `/v1/agreements/${agreement.id}/sign-on-paper`, {
    scan_file_id: scan.id, client_signed_on: signed, client_signatory: 'Mme Agnès Petit', client_quality: 'présidente',
    provider_signed_on: signed, signatory_id: signatory.id,
  });
  await trainer('POST', `/v1/bookings/${booking}/agree`);
  await trainer('POST', `/v1/bookings/${booking}/enrol`, { information_pack: { channel: 'email' } });
  return {
    admin, cooperative, trainer, teacher: teacher.id, session: made.session.id, slot: made.session.slots[0].id, booking,
    enrolments: made.enrolment_ids,
  };
}
