// A story told through the types that are generated from the contract: if a name or a shape moves, this does not compile.
import { strict as assert } from "node:assert";

import createClient from "openapi-fetch";

import type { components, paths } from "./contract.js";

function setting(name: string): string {
  const value = process.env[name];
  assert(value, `${name} is needed`);
  return value;
}

const clairiere = createClient<paths>({
  baseUrl: setting("CLAIRIERE_URL"),
  headers: { Authorization: `Bearer ${setting("CLAIRIERE_TRAINER_KEY")}` },
});

/** What went well; a problem stops the story with its sentence. */
function done<T>(answer: { data?: T; error?: components["schemas"]["Problem"]; response: Response }): T {
  if (answer.data === undefined) {
    throw new Error(`${answer.response.url}: ${answer.response.status} ${answer.error?.code} ${answer.error?.detail}`);
  }
  return answer.data;
}

async function story(): Promise<void> {
  const made = await clairiere.POST("/v1/people", {
    body: { first_name: "Zoé", birth_name: "Lefèvre", external_id: "ts-1" },
    params: { header: { "Idempotency-Key": "ts-story-1" } },
  });
  const zoe = done(made);
  const etag = made.response.headers.get("etag");
  assert(etag);

  const changed = done(
    await clairiere.PATCH("/v1/people/{id}", {
      params: { path: { id: zoe.id }, header: { "If-Match": etag } },
      body: { email: "zoe.lefevre@example.org" },
    }),
  );
  assert.equal(changed.email, "zoe.lefevre@example.org");

  const stale = await clairiere.PATCH("/v1/people/{id}", {
    params: { path: { id: zoe.id }, header: { "If-Match": etag } },
    body: { email: null },
  });
  assert.equal(stale.response.status, 412);
  assert.equal(stale.error?.code, "stale");

  const found = done(await clairiere.GET("/v1/people", { params: { query: { q: "lefevre", limit: 10 } } }));
  assert(found.items.some((person) => person.id === zoe.id));

  const wrong = await clairiere.POST("/v1/people", { body: { first_name: "", birth_name: "Lefèvre" } });
  assert.equal(wrong.response.status, 422);
  assert.deepEqual(
    wrong.error?.errors?.map((fault) => fault.pointer),
    ["/first_name"],
  );
  console.log("The TypeScript client told its story.");
}

await story();
