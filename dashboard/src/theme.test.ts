import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const css = readFileSync(new URL('./theme.css', import.meta.url), 'utf8');
const [light = '', dark = ''] = css.slice(css.indexOf(':root')).split('@media (prefers-color-scheme: dark)');

/** Ink and ground, and the contrast they must have: 4.5 for text, 3 for what shows a control's edge. */
const PAIRS: readonly (readonly [string, string, number])[] = [
  ...['ink', 'soft', 'accent', 'yes', 'no', 'care'].flatMap((ink) =>
    ['desk', 'sheet', 'well'].map((ground) => [ink, ground, 4.5] as const),
  ),
  ...['accent', 'yes', 'no', 'care'].map((ink) => [ink, `${ink}-wash`, 4.5] as const),
  ...['accent', 'yes', 'no'].map((ground) => [`on-${ground}`, ground, 4.5] as const),
  ...['accent-wash', 'yes-wash', 'no-wash', 'care-wash'].map((ground) => ['ink', ground, 4.5] as const),
  ['soft', 'accent-wash', 4.5],
  ['on-rail', 'rail', 4.5],
  ['rail-soft', 'rail', 4.5],
  ['on-rail', 'rail-lit', 4.5],
  ['brass', 'rail', 4.5],
  ['edge', 'sheet', 3],
  ['edge', 'desk', 3],
];

test.each([
  ['light', light],
  ['dark', dark],
])('every ink can be read on its ground: %s', (_, block) => {
  const tooFaint = PAIRS.map(([ink, ground, least]) => ({
    pair: `${ink} on ${ground}`,
    ratio: contrast(color(block, ink), color(block, ground)),
    least,
  })).filter(({ ratio, least }) => ratio < least);
  expect(tooFaint).toEqual([]);
});

function color(block: string, name: string): string {
  const found = new RegExp(`--${name}: (#[0-9a-f]{6});`).exec(block)?.[1];
  if (found === undefined) throw new Error(`theme.css has no colour ${name}`);
  return found;
}

/** WCAG 2.2: the ratio of two relative luminances. */
function contrast(one: string, other: string): number {
  const [a = 0, b = 0] = [luminance(one), luminance(other)].sort((x, y) => y - x);
  return Math.round(((a + 0.05) / (b + 0.05)) * 100) / 100;
}

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
