// A frame to draw one's signature in. Without this script the frame stays hidden and the name is typed.
//
// <div data-pad hidden> <canvas class="pad" …></canvas> <input type="hidden" name="picture"> <button type="button" data-pad-clear> </div>
// The drawing is put into the field when the form is sent; `data-pad` gets `data-drawn` as soon as there is ink.
'use strict';
(() => {
  const most = 640; // pixels of width: enough to print, light to send

  const ready = (pad) => {
    const canvas = pad.querySelector('canvas');
    const field = pad.querySelector('input[type=hidden]');
    const clear = pad.querySelector('[data-pad-clear]');
    const form = pad.closest('form');
    if (!canvas || !field || !form || !canvas.getContext) return;
    pad.hidden = false;
    const box = canvas.getBoundingClientRect();
    const scale = Math.min(2, most / Math.max(1, box.width));
    canvas.width = Math.max(1, Math.round(box.width * scale));
    canvas.height = Math.max(1, Math.round(box.height * scale));
    const pen = canvas.getContext('2d');
    pen.lineWidth = 2.5 * scale;
    pen.lineCap = pen.lineJoin = 'round';
    pen.strokeStyle = pen.fillStyle = '#14202b';
    let last = null;

    const place = (event) => {
      const now = canvas.getBoundingClientRect();
      return [(event.clientX - now.left) * canvas.width / now.width, (event.clientY - now.top) * canvas.height / now.height];
    };
    const begin = (event) => {
      if (event.button > 0) return;
      event.preventDefault();
      try { canvas.setPointerCapture(event.pointerId); } catch { /* a pointer that was made by a program */ }
      last = place(event);
      pen.beginPath();
      pen.arc(last[0], last[1], pen.lineWidth / 2, 0, 2 * Math.PI);
      pen.fill();
      pad.dataset.drawn = 'yes';
    };
    const go = (event) => {
      if (!last) return;
      event.preventDefault();
      const all = event.getCoalescedEvents ? event.getCoalescedEvents() : [];
      for (const one of all.length ? all : [event]) {
        const next = place(one);
        pen.beginPath();
        pen.moveTo(last[0], last[1]);
        pen.lineTo(next[0], next[1]);
        pen.stroke();
        last = next;
      }
    };
    const end = () => { last = null; };
    canvas.addEventListener('pointerdown', begin);
    canvas.addEventListener('pointermove', go);
    for (const name of ['pointerup', 'pointercancel', 'lostpointercapture']) canvas.addEventListener(name, end);

    const wipe = () => {
      pen.clearRect(0, 0, canvas.width, canvas.height);
      field.value = '';
      delete pad.dataset.drawn;
    };
    if (clear) clear.addEventListener('click', wipe);
    form.addEventListener('reset', wipe);
    form.addEventListener('submit', () => { field.value = pad.dataset.drawn ? canvas.toDataURL('image/png') : ''; });
  };

  for (const pad of document.querySelectorAll('[data-pad]')) ready(pad);
})();
