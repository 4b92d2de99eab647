// The mails that a server wrote into its folder, as people read them. Environment: MAIL_DIR.
import { strict as assert } from 'node:assert';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = process.env.MAIL_DIR;

/** Every file of the folder, the latest last. */
function files(folder) {
  const all = readdirSync(folder, { withFileTypes: true }).flatMap((one) => {
    const path = join(folder, one.name);
    return one.isDirectory() ? files(path) : [path];
  });
  return all.filter((path) => path.endsWith('.eml')).sort((a, b) => statSync(a).mtimeMs - statSync(b).mtimeMs);
}

/** The plain text of a mail: the first text part, decoded. */
function text(source) {
  const at = source.search(/^content-type: text\/plain/im);
  const part = source.slice(at);
  const [head, ...rest] = part.split(/\r?\n\r?\n/);
  const body = rest.join('\n\n').split(/\r?\n--/)[0];
  if (/base64/i.test(head)) return Buffer.from(body, 'base64').toString('utf8');
  if (!/quoted-printable/i.test(head)) return body;
  const bytes = body.replace(/=\r?\n/g, '').replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** Wait for the last mail to an address in which a pattern is found, beyond those that were there; answers the match. */
export async function mailed(address, pattern, beyond = 0) {
  assert(FOLDER, 'MAIL_DIR is needed');
  for (let tries = 0; tries < 150; tries += 1) {
    const sources = files(FOLDER).map((path) => readFileSync(path, 'latin1'));
    const mine = sources.filter((source) => new RegExp(`^to:.*${address}`, 'im').test(source)).map(text);
    const found = mine.map((mail) => mail.match(pattern)).filter(Boolean);
    if (found.length > beyond) return found.at(-1);
    await new Promise((yes) => setTimeout(yes, 200));
  }
  throw new Error(`no mail to ${address} holds ${pattern}`);
}
