// The page of a key: copies it, hands it to the documentation of this tab, and leaves nothing of the sign-in in the address.
(() => {
  'use strict';
  const PLACE = 'clairiere.connexion';
  // Loading the page again begins again: the code in its address has served.
  history.replaceState(null, '', '/connexion');
  if (document.querySelector('[data-left]')) sessionStorage.removeItem(PLACE);
  const field = document.getElementById('key');
  if (!field) return;
  const copy = document.querySelector('[data-copy]');
  const said = document.querySelector('[data-said]');
  if (navigator.clipboard) {
    copy.hidden = false;
    copy.addEventListener('click', async () => {
      try {
        await navigator.clipboard.writeText(field.value);
        said.textContent = 'La clé est copiée.';
      } catch {
        field.select();
        said.textContent = 'La clé est sélectionnée : copiez-la.';
      }
    });
  }
  field.addEventListener('focus', () => field.select());
  document.querySelector('[data-open]').addEventListener('click', () => {
    const { name, until } = field.dataset;
    sessionStorage.setItem(PLACE, JSON.stringify({ key: field.value, name, until }));
  });
})();
