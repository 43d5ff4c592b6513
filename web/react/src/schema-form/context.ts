/** What each field of a form may know of the whole. */
export interface FormContext {
  /** JSON pointers of the secrets that are set. */
  secretsSet: ReadonlySet<string>;
}
