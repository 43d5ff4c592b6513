/**
 * Numbers, money, sizes and times as people read them. Quantities and money arrive as decimal text and are never
 * turned into floats: `Intl.NumberFormat` formats such text exactly.
 */

const LOCALE = "en-US";
const integer = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 });
const compact = new Intl.NumberFormat(LOCALE, { notation: "compact", maximumSignificantDigits: 3 });
const decimal = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 20 });
// One clock everywhere, of 24 hours: charts, tables and titles are compared with one another and with logs.
const CLOCK = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
const time = new Intl.DateTimeFormat(undefined, CLOCK);
const timeWithSeconds = new Intl.DateTimeFormat(undefined, { ...CLOCK, second: "2-digit" });
const dateTime = new Intl.DateTimeFormat(undefined, {
  dateStyle: "medium",
  timeStyle: "medium",
  hourCycle: "h23",
});
const day = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric" });
const date = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });

type Exact = Parameters<Intl.NumberFormat["format"]>[0];

export function formatCount(value: number | null | undefined): string {
  return value == null ? "–" : integer.format(value);
}

export function formatCompact(value: number | null | undefined): string {
  if (value == null) return "–";
  return Math.abs(value) < 10_000 ? formatNumber(value) : compact.format(value);
}

export function formatNumber(value: number): string {
  const digits = Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return new Intl.NumberFormat(LOCALE, { maximumFractionDigits: digits }).format(value);
}

/** Decimal text with grouping, every digit kept. */
export function formatDecimal(value: string): string {
  return decimal.format(value as Exact);
}

/** `3`, "row" -> "3 rows". Units come in the singular; `value` may be a decimal text of any length. */
export function formatUnits(value: number | string, unit: string): string {
  const text = typeof value === "string" ? formatDecimal(value) : formatCount(value);
  return `${text} ${pluralOf(unit, value)}`;
}

/** The unit as it stands behind this many: "entry", 2 -> "entries". */
export function pluralOf(unit: string, count: number | string): string {
  if (Number(count) === 1) return unit;
  if (/[^aeiou]y$/.test(unit)) return `${unit.slice(0, -1)}ies`;
  return /(s|x|ch|sh)$/.test(unit) ? `${unit}es` : `${unit}s`;
}

/** A metered quantity as people read it: "113.4 MB", "1 min 54 s", "3 rows". `formatUnits` keeps every digit. */
export function formatQuantity(value: string, unit: string): string {
  const seconds = SECONDS_IN[unit];
  if (seconds !== undefined) return formatDuration(Number(value) * seconds);
  return unit === "byte" ? formatBytes(Number(value), 1) : formatUnits(value, unit);
}

const SECONDS_IN: Record<string, number> = { second: 1, minute: 60, hour: 3600 };

/** Whole cents for amounts; small unit prices keep the digits that matter. */
export function formatMoney(value: string, currency: string, style: "amount" | "price" = "amount"): string {
  const maximumFractionDigits = style === "amount" ? 2 : 12;
  return new Intl.NumberFormat(LOCALE, {
    style: "currency",
    currency,
    minimumFractionDigits: 2,
    maximumFractionDigits,
  }).format(value as Exact);
}

const BYTE_UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];

/** `digits` after the point; without it about three digits that count. */
export function formatBytes(value: number | null | undefined, digits?: number): string {
  if (value == null) return "–";
  let size = value;
  let unit = 0;
  while (Math.abs(size) >= 1000 && unit < BYTE_UNITS.length - 1) {
    size /= 1000;
    unit += 1;
  }
  if (unit === 0) return `${integer.format(size)} B`;
  const text = digits === undefined ? formatNumber(size) : decimalOf(digits).format(size);
  return `${text} ${BYTE_UNITS[unit]}`;
}

function decimalOf(digits: number): Intl.NumberFormat {
  return new Intl.NumberFormat(LOCALE, { maximumFractionDigits: digits });
}

/** A measured value with its unit, short: for axes, tiles and tooltips. */
export function formatValue(value: number | null | undefined, unit?: string): string {
  if (value == null) return "–";
  if (unit && /^bytes?$/.test(unit)) return formatBytes(value);
  if (unit && /^bytes?(\/s|_per_second)$/.test(unit)) return `${formatBytes(value)}/s`;
  if (unit && /^(s|secs?|seconds?)$/.test(unit)) return formatDuration(value);
  if (unit && /^rows?(\/s|_per_second)$/.test(unit)) return `${formatCompact(value)} rows/s`;
  if (unit === "/s") return `${formatCompact(value)}/s`;
  return formatCompact(value);
}

export function formatDuration(seconds: number | null | undefined): string {
  if (seconds == null) return "–";
  if (seconds > 0 && seconds < 1) return `${Math.max(1, Math.round(seconds * 1000))} ms`;
  // 59.96 is written "60": what is rounded to a minute is one.
  if (seconds < 59.95) return `${formatNumber(seconds)} s`;
  const whole = Math.round(seconds);
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h ${minutes % 60} min`;
  const days = Math.floor(hours / 24);
  return days < 60 ? `${days} days ${hours % 24} h` : `${days} days`;
}

export function formatDateTime(at: string): string {
  return dateTime.format(new Date(at));
}

export function formatDate(at: string): string {
  return date.format(new Date(at));
}

export function formatTime(at: string | number | Date): string {
  return timeWithSeconds.format(new Date(at));
}

/** A mark on a time axis whose marks are so many seconds apart. */
export function formatTick(at: number | Date, stepSecs: number): string {
  if (stepSecs >= 86_400) return day.format(at);
  return (stepSecs < 60 ? timeWithSeconds : time).format(at);
}

/** "12 s ago", "in 3 days": steps are coarse on purpose, the exact time is in the element's title. */
export function formatRelative(at: string, now: number): string {
  const seconds = Math.round((now - Date.parse(at)) / 1000);
  const span = Math.abs(seconds);
  if (span < 3) return "just now";
  const text = relativeSpan(span);
  return seconds >= 0 ? `${text} ago` : `in ${text}`;
}

function relativeSpan(span: number): string {
  if (span < 60) return `${span} s`;
  if (span < 3600) return `${Math.floor(span / 60)} min`;
  if (span < 86_400) return `${Math.floor(span / 3600)} h`;
  const days = Math.floor(span / 86_400);
  if (days < 60) return `${days} ${days === 1 ? "day" : "days"}`;
  if (days < 730) return `${Math.floor(days / 30)} months`;
  return `${Math.floor(days / 365)} years`;
}

/** `rows_per_second` -> "Rows per second". */
export function humanize(name: string): string {
  const words = name.replace(/[_-]+/g, " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Messages of the API begin in lower case; on the page they begin as sentences do. */
export function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The same as a sentence of its own. */
export function sentence(text: string): string {
  const capital = capitalize(text);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}

/** Initials for an avatar. */
export function initials(name: string): string {
  const parts = name
    .trim()
    .split(/[\s@.-]+/)
    .filter(Boolean);
  const letters = [parts[0]?.[0], parts.length > 1 ? parts[1]?.[0] : ""];
  return letters.join("").toUpperCase() || "?";
}
