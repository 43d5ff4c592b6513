import { expect, test } from "vitest";
import CSS from "./theme.css?raw";

const SOFT = ["accent", "live", "good", "busy", "warn", "bad", "idle"].map((tone) => `${tone}-soft`);
const GROUNDS = ["canvas", "surface", "raised", "sunken"];

/** Text on ground, as the components pair them. */
const PAIRS = [
  ...["ink", "text", "muted", "faint"].flatMap((text) =>
    [...GROUNDS, ...SOFT].map((ground) => [text, ground]),
  ),
  ...SOFT.map((soft) => soft.replace("-soft", "")).flatMap((tone) => GROUNDS.map((ground) => [tone, ground])),
  ...SOFT.map((soft) => [soft.replace("-soft", ""), soft]),
  ["accent-strong", "accent-soft"],
  ["on-ink", "ink"],
  ["on-accent", "accent"],
  ["white", "bad-strong"],
] as [string, string][];

type Rgb = [number, number, number];

test.each(["light", "dark"] as const)("each text can be read on each of its grounds, %s", (scheme) => {
  const faults = PAIRS.map(([text, ground]) => ({ text, ground, ratio: contrast(text, ground, scheme) }))
    .filter(({ ratio }) => ratio < 4.5)
    .map(({ text, ground, ratio }) => `${text} on ${ground}: ${ratio.toFixed(2)}`);
  expect(faults).toEqual([]);
});

function contrast(text: string, ground: string, scheme: "light" | "dark"): number {
  const [high, low] = [luminance(color(text, scheme)), luminance(color(ground, scheme))].sort(
    (a, b) => b - a,
  );
  return ((high as number) + 0.05) / ((low as number) + 0.05);
}

/** The value of a token, in linear light. */
function color(name: string, scheme: "light" | "dark"): Rgb {
  if (name === "white") return [1, 1, 1];
  const declared = new RegExp(`--color-${name}: light-dark\\(oklch\\(([^)]+)\\), oklch\\(([^)]+)\\)\\)`).exec(
    CSS,
  );
  const value = declared?.[scheme === "light" ? 1 : 2];
  if (value === undefined) throw new Error(`no token \`${name}\``);
  const [lightness, chroma, hue] = value.split(" ").map(Number) as Rgb;
  return fromOklch(lightness, chroma, (hue * Math.PI) / 180);
}

/** https://www.w3.org/TR/css-color-4/#color-conversion-code, oklch to linear sRGB; what lies outside is clipped. */
function fromOklch(lightness: number, chroma: number, hue: number): Rgb {
  const a = chroma * Math.cos(hue);
  const b = chroma * Math.sin(hue);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const rgb = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
  return rgb.map((part) => Math.min(1, Math.max(0, part))) as Rgb;
}

function luminance([red, green, blue]: Rgb): number {
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
