// The code on the screen changes before it ends; how many signed is counted along.
(() => {
  'use strict';
  const code = document.getElementById('qr');
  if (!code) return;
  const put = (id, text) => {
    document.getElementById(id).textContent = text;
  };
  const turn = async () => {
    let wait = 5;
    try {
      const answer = await fetch(code.dataset.now, { cache: 'no-store' });
      if (answer.ok) {
        const now = await answer.json();
        if (!now.svg) return location.reload();
        code.innerHTML = now.svg;
        put('typed', now.typed);
        put('typed_at', now.typed_at);
        put('signed', now.signed);
        put('expected', now.expected);
        wait = Math.min(now.seconds, 5);
      }
    } catch {
      // No network: the code that is shown ends by itself, and the next attempt comes.
    }
    setTimeout(turn, wait * 1000 + 250);
  };
  setTimeout(turn, Math.min(Number(code.dataset.seconds), 5) * 1000 + 250);
  navigator.wakeLock?.request('screen').catch(() => {});
})();
