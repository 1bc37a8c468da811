// Rewrites src/api/generated from the API descriptions that the services print: one file of types for each.
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import openapiTypescript, { astToString } from "openapi-typescript";

const descriptions = new URL("../../specs/openapi/", import.meta.url);
const generated = new URL("../src/api/generated/", import.meta.url);
/** The services the page talks to. */
const services = ["accounts", "topics", "sessions", "secrets", "upload"];

const present = new Set(await readdir(descriptions).catch(() => []));
await rm(generated, { recursive: true, force: true });
for (const service of services) {
  const name = `${service}.json`;
  if (!present.has(name)) {
    console.log(`no description of ${service}`);
    continue;
  }
  const description = JSON.parse(await readFile(new URL(name, descriptions), "utf8"));
  const types = astToString(await openapiTypescript(description, { alphabetize: true, immutable: false }));
  await mkdir(generated, { recursive: true });
  await writeFile(new URL(`${service}.ts`, generated), `// Derived from specs/openapi/${name} by \`npm run api\`: do not edit.\n\n${types}`);
  console.log(`${service}.ts`);
}
