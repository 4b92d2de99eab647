// Answers for the server when there is no network: only pages that were opened, and their style and scripts.
'use strict';
const KEPT = 'clairiere-1';
const PATIENCE = 6000;

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

const fromNetwork = async (request, kept) => {
  const cache = await caches.open(KEPT);
  const abort = new AbortController();
  const timer = kept ? setTimeout(() => abort.abort(), PATIENCE) : null;
  try {
    const answer = await fetch(request, { signal: abort.signal });
    // What was kept is kept up to date; nothing is kept that the page did not ask for.
    if (answer.ok && !answer.redirected && kept) await cache.put(request.url, answer.clone());
    return answer;
  } finally {
    clearTimeout(timer);
  }
};

const page = async (request) => {
  const cache = await caches.open(KEPT);
  const kept = await cache.match(request.url, { ignoreSearch: true });
  try {
    return await fromNetwork(request, kept);
  } catch {
    if (kept) return kept;
    return new Response(
      '<!doctype html><html lang="fr"><meta charset="utf-8"><meta name="viewport" content="width=device-width">' +
        '<title>Pas de réseau</title><main><h1>Pas de réseau</h1><p>Cette page n’a pas été ouverte avant la coupure. ' +
        'Revenez à la précédente, ou réessayez plus tard.</p></main></html>',
      { status: 503, headers: { 'Content-Type': 'text/html; charset=utf-8' } },
    );
  }
};

const asset = async (request) => {
  const cache = await caches.open(KEPT);
  const kept = await cache.match(request.url);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) await cache.put(request.url, answer.clone());
  return answer;
};

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== location.origin) return;
  if (url.pathname.startsWith('/assets/')) event.respondWith(asset(request));
  else if (request.mode === 'navigate') event.respondWith(page(request));
});
