import type { Style } from './placement.ts';
import { nameOf, scalarText, Unfit } from './unfit.ts';

type Spelling = { readonly style?: Style | undefined; readonly explode?: boolean | undefined };

/**
 * An argument as `name=value` pairs, percent-encoded, for a query or a form. Without a style an array is repeated and
 * an object is its JSON text.
 */
export function pairsOf(
  name: string,
  value: unknown,
  spelling: Spelling = {},
  encode: (text: string) => string = encodeURIComponent,
): string[] {
  const { style } = spelling;
  const pair = (key: string, text: string): string => `${encode(key)}=${encode(text)}`;
  if (style === 'json') return [pair(name, typeof value === 'string' ? value : JSON.stringify(value))];
  if (Array.isArray(value)) {
    const explode = spelling.explode ?? (style === undefined || style === 'form');
    if (explode || style === 'deepObject') return value.map((item) => pair(name, textOf(item)));
    // What stands between the items is not encoded, or nobody could tell it from what is in them.
    const between = style === 'spaceDelimited' ? '%20' : style === 'pipeDelimited' ? '%7C' : ',';
    return [`${encode(name)}=${value.map((item) => encode(textOf(item))).join(between)}`];
  }
  if (typeof value !== 'object' || value === null || style === undefined) return [pair(name, textOf(value))];
  const members = Object.entries(value);
  if (style === 'deepObject') return members.flatMap(([key, item]) => deepPairs(`${name}[${key}]`, item, encode));
  if (spelling.explode ?? style === 'form') {
    return members.flatMap(([key, item]) => pairsOf(key, item, {}, encode));
  }
  return [`${encode(name)}=${members.flatMap(([key, item]) => [encode(key), encode(textOf(item))]).join(',')}`];
}

function deepPairs(name: string, value: unknown, encode: (text: string) => string): string[] {
  if (Array.isArray(value)) return value.map((item) => `${encode(`${name}[]`)}=${encode(textOf(item))}`);
  if (typeof value !== 'object' || value === null) return [`${encode(name)}=${encode(textOf(value))}`];
  return Object.entries(value).flatMap(([key, item]) => deepPairs(`${name}[${key}]`, item, encode));
}

function textOf(value: unknown): string {
  return value === null ? '' : (scalarText(value) ?? JSON.stringify(value));
}

/** One segment or part of one of a path: a scalar, or scalars with commas between (OpenAPI's style `simple`). */
export function pathText(name: string, value: unknown): string {
  const items = Array.isArray(value) ? value : [value];
  const texts = items.map((item) => scalarText(item));
  if (items.length === 0 || texts.some((text) => text === null || text === '')) {
    throw new Unfit(`The path needs the argument "${nameOf(name)}": a non-empty text, a number or a boolean.`);
  }
  return texts.map((text) => encodeURIComponent(text!)).join(',');
}
