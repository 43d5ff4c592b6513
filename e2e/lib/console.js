// Where the console shows what the tests look for.

/** The row of a pipeline in any table of pipelines. */
export function rowOf(page, name) {
  return page.getByRole("table", { name: "Pipelines" }).getByRole("row").filter({ hasText: name });
}

/** The badge that says this state, within a page or a part of it. */
export function stateOf(scope, state) {
  return scope.locator(`[data-state="${state}"]`);
}
