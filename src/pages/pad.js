// The signature pad: what is drawn becomes a small PNG in the form's hidden field `picture`. Without this script the
// form takes a typed name.
(() => {
  'use strict';
  const INK = '#0a0a3c';
  for (const pad of document.querySelectorAll('[data-pad]')) {
    const canvas = pad.querySelector('canvas');
    const field = pad.querySelector('input[name=picture]');
    const context = canvas.getContext('2d');
    let pen = null;
    let box = null;
    pad.hidden = false;

    const fit = () => {
      const shown = canvas.getBoundingClientRect();
      if (!shown.width || box) return;
      canvas.width = Math.min(900, Math.round(shown.width * 2));
      canvas.height = Math.round((canvas.width * shown.height) / shown.width);
    };
    const place = (event) => {
      const shown = canvas.getBoundingClientRect();
      return [
        ((event.clientX - shown.left) * canvas.width) / shown.width,
        ((event.clientY - shown.top) * canvas.height) / shown.height,
      ];
    };
    const line = (from, to) => {
      context.strokeStyle = INK;
      context.lineWidth = canvas.width / 120;
      context.lineCap = 'round';
      context.lineJoin = 'round';
      context.beginPath();
      context.moveTo(...from);
      context.lineTo(...to);
      context.stroke();
      box ??= [to[0], to[1], to[0], to[1]];
      box = [Math.min(box[0], to[0]), Math.min(box[1], to[1]), Math.max(box[2], to[0]), Math.max(box[3], to[1])];
    };
    // Only what was drawn, at most 480 pixels wide.
    const keep = () => {
      if (!box) return;
      const margin = canvas.width / 60;
      const [left, top] = [Math.max(0, box[0] - margin), Math.max(0, box[1] - margin)];
      const width = Math.min(canvas.width, box[2] + margin) - left;
      const height = Math.min(canvas.height, box[3] + margin) - top;
      const scale = Math.min(1, 480 / width, 240 / height);
      const copy = document.createElement('canvas');
      copy.width = Math.max(1, Math.round(width * scale));
      copy.height = Math.max(1, Math.round(height * scale));
      copy.getContext('2d').drawImage(canvas, left, top, width, height, 0, 0, copy.width, copy.height);
      field.value = copy.toDataURL('image/png');
    };
    const clear = () => {
      context.clearRect(0, 0, canvas.width, canvas.height);
      field.value = '';
      pen = null;
      box = null;
      fit();
    };

    canvas.addEventListener('pointerdown', (event) => {
      fit();
      canvas.setPointerCapture(event.pointerId);
      pen = place(event);
      line(pen, [pen[0] + 0.1, pen[1]]);
      event.preventDefault();
    });
    canvas.addEventListener('pointermove', (event) => {
      if (!pen) return;
      const steps = event.getCoalescedEvents?.() ?? [];
      for (const step of steps.length ? steps : [event]) {
        const next = place(step);
        line(pen, next);
        pen = next;
      }
    });
    const lift = () => {
      pen = null;
      keep();
    };
    canvas.addEventListener('pointerup', lift);
    canvas.addEventListener('pointercancel', lift);
    pad.querySelector('[data-pad-clear]').addEventListener('click', clear);
    pad.closest('form').addEventListener('reset', clear);
    window.addEventListener('resize', fit);
    // A pad that was hidden has no size before it is shown.
    new ResizeObserver(fit).observe(canvas);
    clear();
  }
})();
