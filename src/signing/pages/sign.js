// Signing without leaving the page, and without network: what is signed waits on this device and leaves by itself.
(() => {
  'use strict';
  const KEPT = 'clairiere-1';
  const told = document.getElementById('told');
  const queue = document.getElementById('queue');
  const form = document.querySelector('form[data-sign]');
  const base = location.pathname;

  // --- what this device keeps -------------------------------------------------------------------------------------
  const opened = new Promise((yes, no) => {
    const asked = indexedDB.open('clairiere', 1);
    asked.onupgradeneeded = () => ['queue', 'tickets', 'device'].forEach((store) => asked.result.createObjectStore(store));
    asked.onsuccess = () => yes(asked.result);
    asked.onerror = () => no(asked.error);
  });
  const store = async (name, mode, act) => {
    const database = await opened;
    return new Promise((yes, no) => {
      const asked = act(database.transaction(name, mode).objectStore(name));
      asked.onsuccess = () => yes(asked.result);
      asked.onerror = () => no(asked.error);
    });
  };
  const get = (name, key) => store(name, 'readonly', (rows) => rows.get(key));
  const put = (name, key, value) => store(name, 'readwrite', (rows) => rows.put(value, key));
  const drop = (name, key) => store(name, 'readwrite', (rows) => rows.delete(key));
  const all = (name) => store(name, 'readonly', (rows) => rows.getAll());
  // A ticket is of one half-day and one link: a device may hold several links to the same half-day.
  const ticketOf = (slot, tickets = queue.dataset.tickets) => `${tickets} ${slot}`;
  const random = () =>
    crypto.randomUUID?.() ??
    '10000000-1000-4000-8000-100000000000'.replace(/[018]/g, (c) =>
      (c ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (c / 4)))).toString(16),
    );
  const device = async () => {
    let name = await get('device', 'name');
    if (!name) await put('device', 'name', (name = random()));
    return name;
  };

  // --- what is said -----------------------------------------------------------------------------------------------
  const say = (text, warn) => {
    const notice = document.createElement('div');
    notice.className = warn ? 'notice warn' : 'notice';
    const line = document.createElement('p');
    line.textContent = text;
    notice.append(line);
    told.replaceChildren(notice);
    told.scrollIntoView({ block: 'nearest' });
  };
  const showQueue = async () => {
    const rows = await all('queue');
    queue.hidden = rows.length === 0;
    const title = document.createElement('h2');
    title.textContent = 'Sur cet appareil';
    const list = document.createElement('ul');
    list.className = 'list';
    for (const row of rows) {
      const item = document.createElement('li');
      const clock = new Date(row.body.device_at);
      const at = `${clock.getHours()}\u00a0h\u00a0${String(clock.getMinutes()).padStart(2, '0')}`;
      item.textContent = row.refused
        ? `${row.name}, signé à ${at}, n’a pas été accepté : ${row.refused}`
        : `${row.name}, signé à ${at} : attend le réseau.`;
      if (row.refused) {
        const remove = document.createElement('button');
        remove.type = 'button';
        remove.className = 'second';
        remove.textContent = 'C’est lu, retirer de cet appareil';
        remove.onclick = () => drop('queue', row.body.client_uuid).then(showQueue);
        item.append(document.createElement('br'), remove);
      }
      list.append(item);
    }
    queue.replaceChildren(title, list);
  };

  // --- sending ----------------------------------------------------------------------------------------------------
  // Answers `null` when nobody answered: no network, or a server that is not there now.
  const post = async (address, body) => {
    try {
      const answer = await fetch(address, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      });
      if (answer.status >= 500 || answer.status === 429 || answer.status === 408) return null;
      const said = await answer.json().catch(() => null);
      // Not our server: a page of a hotspot, of a proxy. What was signed stays.
      if (!said && answer.ok) return null;
      return { ok: answer.ok, ...(said ?? { said: 'Ce lien n’ouvre plus rien : montrez ceci à qui forme.' }) };
    } catch {
      return null;
    }
  };
  let flushing = false;
  const flush = async () => {
    if (flushing || !navigator.onLine) return;
    flushing = true;
    let sent = 0;
    try {
      for (const row of await all('queue')) {
        if (row.refused) continue;
        const answer = await post(row.send, row.body);
        if (!answer) continue;
        if (answer.ok) {
          await drop('queue', row.body.client_uuid);
          if (row.page) (await caches.open(KEPT)).delete(row.page, { ignoreSearch: true });
          sent += 1;
        } else {
          await put('queue', row.body.client_uuid, { ...row, refused: answer.said });
        }
      }
    } finally {
      flushing = false;
    }
    if (sent) say(sent > 1 ? `${sent} signatures ont été envoyées.` : 'La signature a été envoyée.');
    await showQueue();
  };

  // --- the form ---------------------------------------------------------------------------------------------------
  const round = form?.hasAttribute('data-round');
  const chosen = () => form.querySelector('input[name=who]:checked');
  const part = (name) => form.querySelector(`[data-${name}]`);
  const turn = (choice) => {
    if (!round) return;
    part('names').hidden = Boolean(choice);
    part('signature').hidden = !choice;
    part('back').hidden = !choice;
    part('name').hidden = !choice;
    if (!choice) return;
    part('name').textContent = choice.closest('label').textContent.trim();
    for (const words of form.querySelectorAll('[data-words]')) words.hidden = words.dataset.words !== choice.dataset.consent;
    part('name').focus();
  };
  const next = () => {
    chosen()?.closest('label').remove();
    form.reset();
    form.elements.client_uuid.value = random();
    if (!form.querySelector('input[name=who]')) form.replaceChildren();
    else turn(null);
  };
  const nameOf = () => {
    if (round) return part('name').textContent;
    const select = form.elements.who;
    return select ? select.selectedOptions[0].textContent : document.querySelector('h1 + p').textContent;
  };
  const ended = () => {
    const [hours, minutes] = (form.dataset.ends ?? '').match(/\d+/g) ?? [];
    if (hours === undefined) return false;
    const end = new Date();
    end.setHours(Number(hours), Number(minutes ?? 0) + 1, 0);
    return Date.now() > end;
  };
  const submit = async (event) => {
    event.preventDefault();
    const body = Object.fromEntries(new FormData(form));
    body.statement = body.statement === 'true';
    if (!body.picture && !body.typed_name.trim()) return say('Signez dans le cadre, ou écrivez votre nom.', true);
    const button = form.querySelector('button:not([type=button])');
    button.disabled = true;
    body.device_at = new Date().toISOString();
    const name = nameOf();
    try {
      body.device = await device();
    } catch {
      // A private window may keep nothing: the server takes the signature without the device's name.
    }
    const answer = navigator.onLine ? await post(form.dataset.send, body) : null;
    button.disabled = false;
    if (answer && !answer.ok) return say(answer.said, true);
    if (answer) {
      if (!round) {
        if (form.hasAttribute('data-shared')) await (await caches.open(KEPT)).delete(location.href).catch(() => {});
        return location.replace(form.dataset.done);
      }
      say(`${name} : ${answer.said}`);
      return next();
    }
    const ticket = body.slot && (await get('tickets', ticketOf(body.slot)).catch(() => null));
    if (body.slot && !ticket)
      return say('Pas de réseau, et cette page n’avait pas été ouverte en ligne aujourd’hui. Réessayez quand le réseau revient, ou signez autrement.', true);
    if (ended()) return say('Les dix minutes pour signer sont passées. Scannez de nouveau le code quand le réseau revient.', true);
    body.offline = true;
    body.ticket = ticket ?? '';
    const page = form.hasAttribute('data-shared') && !round ? location.href : '';
    try {
      await put('queue', body.client_uuid, { send: form.dataset.send, body, name, page });
    } catch {
      return say('Pas de réseau, et cet appareil ne peut rien garder. Réessayez quand le réseau revient.', true);
    }
    say(`${name} : signature gardée sur cet appareil. Elle partira dès que le réseau revient.`);
    await showQueue();
    if (round) return next();
    (half ?? form).hidden = true;
    begin();
  };
  // A half-day that was ahead when the page was opened: its form comes in its time, with or without network.
  const half = form?.closest('[data-half]');
  const ahead = JSON.parse(half?.dataset.ahead ?? '[]');
  const begin = () => {
    if (!half?.hidden || ahead.length === 0 || ahead[0].opens > Date.now()) return;
    const now = ahead.shift();
    half.querySelector('h2').textContent = now.half.label;
    half.querySelector('p').textContent = now.half.hours;
    half.querySelector('.notice')?.remove();
    form.reset();
    form.elements.slot.value = now.half.slot;
    form.elements.client_uuid.value = random();
    half.hidden = false;
    document.getElementById('nothing')?.remove();
  };
  if (half) setInterval(begin, 5000);

  if (form) {
    form.addEventListener('submit', submit);
    if (round) {
      form.addEventListener('change', (event) => event.target.name === 'who' && turn(chosen()));
      part('back').addEventListener('click', () => {
        form.reset();
        turn(null);
      });
      turn(chosen());
    }
  }

  // --- ready for when there is no network ---------------------------------------------------------------------------
  const tickets = async () => {
    for (const slot of (queue.dataset.slots ?? '').split(' ').filter(Boolean)) {
      const answer = await post(queue.dataset.tickets, { slot });
      if (answer?.ok) await put('tickets', ticketOf(slot), answer.ticket);
    }
  };
  const keep = async () => {
    const cache = await caches.open(KEPT);
    if (queue.dataset.forget) {
      // What was kept of this half-day; of the day too, once none of its half-days is kept any more.
      const path = (request) => new URL(request.url).pathname;
      const day = queue.dataset.forget.replace(/\/[^/]+$/, '');
      for (const one of await cache.keys()) if (path(one).startsWith(queue.dataset.forget)) await cache.delete(one);
      const left = (await cache.keys()).filter((one) => path(one).startsWith(day));
      if (!left.some((one) => path(one) !== day)) for (const one of left) await cache.delete(one);
      await drop('tickets', ticketOf(queue.dataset.slot, `${day}/billet`));
      return;
    }
    const old = Date.now() - 2 * 86400e3;
    for (const request of await cache.keys()) {
      const date = (await cache.match(request))?.headers.get('date');
      if (date && Date.parse(date) < old) await cache.delete(request);
    }
    const used = [...document.querySelectorAll('script[src], link[rel=stylesheet]')].map((one) => one.src || one.href);
    const also = (queue.dataset.keep ?? '').split(' ').filter(Boolean);
    const pages = form || also.length ? [base, ...also] : [];
    await Promise.allSettled([...used, ...pages].map((address) => cache.add(address)));
  };
  const ready = async () => {
    if (navigator.onLine) await Promise.allSettled([tickets(), keep()]);
    await showQueue();
    await flush();
    document.documentElement.dataset.ready = 'true';
  };
  navigator.serviceWorker?.register(`/${base.split('/')[1]}/worker.js`).catch(() => {});
  window.addEventListener('online', () => ready());
  setInterval(flush, 30000);
  ready();
})();
