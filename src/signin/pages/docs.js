// The documentation knows who signed in, in this tab: it calls with their key, and lets them sign out.
(() => {
  'use strict';
  const PLACE = 'clairiere.connexion';
  const { door } = document.currentScript.dataset;
  const make = (name, more, ...inside) => {
    const one = Object.assign(document.createElement(name), more);
    one.append(...inside);
    return one;
  };
  const bar = (...inside) => {
    const one = make('div', { id: 'signed-in', lang: 'fr' }, ...inside);
    Object.assign(one.style, {
      display: 'flex', flexWrap: 'wrap', gap: '.5rem 1rem', alignItems: 'center', justifyContent: 'space-between',
      padding: '.6rem 1rem', font: '1rem/1.4 system-ui, sans-serif', color: '#1f2428', background: '#f2f4f3',
      borderBottom: '3px solid #185c4d',
    });
    document.body.prepend(one);
  };
  let known = null;
  try {
    known = JSON.parse(sessionStorage.getItem(PLACE));
  } catch {
    sessionStorage.removeItem(PLACE);
  }
  if (!known?.key) {
    if (door) bar(make('a', { href: door }, 'Se connecter'));
    return;
  }
  // The contract is read a moment after this script.
  const hand = (tries) => {
    if (window.ui?.preauthorizeApiKey('key', known.key)) return;
    if (tries > 0) setTimeout(hand, 100, tries - 1);
  };
  hand(100);
  const form = make(
    'form', { method: 'post', action: '/connexion/fin' },
    make('input', { type: 'hidden', name: 'key', value: known.key }),
    make('button', {}, 'Se déconnecter'),
  );
  bar(make('span', {}, `${known.name}, jusqu’au ${known.until}`), form);
})();
