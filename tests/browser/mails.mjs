// The mails that a server wrote into a folder, as people read them.
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";

/** Every file of a folder, the oldest mail first: their names begin with the instant. */
function files(folder) {
  const all = readdirSync(folder, { withFileTypes: true }).flatMap((one) => {
    const where = path.join(folder, one.name);
    return one.isDirectory() ? files(where) : [where];
  });
  return all.filter((where) => where.endsWith(".eml")).sort();
}

/** The plain text of a mail: the first text part, decoded. */
function text(source) {
  const [head, ...rest] = source.slice(source.search(/^content-type: text\/plain/im)).split(/\r?\n\r?\n/);
  const body = rest.join("\n\n").split(/\r?\n--/)[0];
  if (/base64/i.test(head)) return Buffer.from(body, "base64").toString("utf8");
  if (!/quoted-printable/i.test(head)) return body;
  const bytes = body
    .replace(/=\r?\n/g, "")
    .replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1").toString("utf8");
}

/** What a pattern finds in the mails to an address, each once. */
function found(folder, address, pattern) {
  const to = new RegExp(`^to:[^\\r\\n]*(\\r?\\n[ \\t][^\\r\\n]*)*${address}`, "im");
  const sources = files(folder).map((where) => readFileSync(where, "latin1"));
  const matches = sources.filter((source) => to.test(source)).map((source) => text(source).match(pattern)?.[1]);
  return [...new Set(matches.filter(Boolean))];
}

/** Waits until a mail to an address holds what those before did not; answers it. */
export async function mailed(folder, address, pattern, known = []) {
  for (let tries = 0; tries < 150; tries += 1) {
    const fresh = found(folder, address, pattern).find((one) => !known.includes(one));
    if (fresh) return fresh;
    await new Promise((yes) => setTimeout(yes, 200));
  }
  throw new Error(`no mail to ${address} holds ${pattern}`);
}
