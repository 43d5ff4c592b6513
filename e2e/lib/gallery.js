// The pages of an organization that the documentation shows, each with what it is there for in sight.

import { seen } from "./browser.js";
import { stateOf } from "./console.js";
import { picture } from "./picture.js";

/** `org` is the path of the organization in the console, `pipeline` the name of one that streams. */
export async function takeGallery(page, org, pipeline) {
  await page.goto(`${org}/usage?meter=rows_copied`);
  await seen(page.getByRole("table", { name: "Usage records" }).getByRole("row").nth(2));
  await picture(page, "usage-light", { height: 700 });
  await page.goto(`${org}/events`);
  await seen(page.getByRole("list", { name: "Events" }).getByText("by ci").first());
  await picture(page, "activity-light");
  await page.goto(org);
  await seen(page.getByRole("img", { name: /^Rows per second\. .*now/ }));
  await picture(page, "overview-light");
  await picture(page, "overview-dark", { dark: true });
  await page.goto(`${org}/pipelines/${pipeline}`);
  await seen(stateOf(page.getByRole("main"), "streaming"));
  await picture(page, "pipeline-narrow", { width: 390, height: 844 });
}
