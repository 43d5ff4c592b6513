import { isPlinthError } from "@plinth/client";

/** The message of a field in a refused request, by its JSON pointer. */
export function fieldError(error: unknown, pointer: string): string | undefined {
  if (!isPlinthError(error)) return undefined;
  const found = error.fieldErrors.find((each) => each.pointer === pointer);
  return found ? sentence(found.message) : undefined;
}

/** What is left of an error once the given fields have shown theirs. */
export function otherError(error: unknown, pointers: string[]): unknown {
  if (!isPlinthError(error) || error.fieldErrors.length === 0) return error ?? undefined;
  return error.fieldErrors.every((each) => pointers.includes(each.pointer)) ? undefined : error;
}

function sentence(message: string): string {
  return message.charAt(0).toUpperCase() + message.slice(1);
}

/** "Acme Data, Inc." -> "acme-data-inc": what the server takes as a name. */
export function slugify(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/[̀-ͯ]/g, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 63);
}

export const NAME_PATTERN = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
export const NAME_HINT = "Lower-case letters, digits and hyphens. It cannot be changed later.";
