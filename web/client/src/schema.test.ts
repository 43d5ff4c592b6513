import { readFile } from "node:fs/promises";
import openapiTS, { astToString, COMMENT_HEADER } from "openapi-typescript";
import { expect, test } from "vitest";

test("the generated types are those of the checked-in OpenAPI document", async () => {
  const document = new URL("../../../openapi/plinth.json", import.meta.url);
  const generated = `${COMMENT_HEADER}${astToString(await openapiTS(document))}`;
  const checkedIn = await readFile(new URL("./schema.ts", import.meta.url), "utf8");
  expect(checkedIn === generated, "run `npm run generate` in web/").toBe(true);
});
