// The contract against Redocly's recommended rules: a warning counts as an error.
import { createRequire } from "node:module";

const { createConfig, formatProblems, getTotals, lint } = createRequire(import.meta.url)("@redocly/openapi-core");

const config = await createConfig({
  extends: ["recommended"],
  // `by-external-id` is a word where an identifier could stand, and no identifier is that word.
  rules: { "no-ambiguous-paths": "off" },
});
const problems = await lint({ ref: process.argv[2], config });
const totals = getTotals(problems);
if (problems.length > 0) {
  formatProblems(problems, { format: "stylish", totals, version: "1" });
  process.exit(1);
}
console.log("The contract keeps to Redocly's recommended rules.");
