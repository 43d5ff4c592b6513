// Exact sums of the decimal strings that quantities and money are.

const SCALE = 18;

function units(text) {
  const found = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (!found) throw new Error(`not a decimal: \`${text}\``);
  const [, sign, whole, fraction = ""] = found;
  if (fraction.length > SCALE) throw new Error(`more than ${SCALE} digits: \`${text}\``);
  const value = BigInt(whole + fraction.padEnd(SCALE, "0"));
  return sign ? -value : value;
}

function sum(texts) {
  return texts.reduce((total, text) => total + units(text), 0n);
}

export function equal(left, right) {
  return units(left) === units(right);
}

/** Whether these add up to that total, to the last digit. */
export function addUpTo(texts, total) {
  return sum(texts) === units(total);
}

/** The number that a text begins with or holds, without its grouping. */
export function plain(text) {
  return /-?[\d,]+(\.\d+)?/.exec(text)[0].replaceAll(",", "");
}
