import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createScrubber } from './scrubber.ts';

const VALUE = 'p@ss w/"ord"\\+ü&<€>%41~!';
const REFERENCE = '{{secret:API_KEY}}';
const scrubber = createScrubber(new Map([['API_KEY', VALUE]]));
const escaped = JSON.stringify(VALUE).slice(1, -1);
const hexes = [...Buffer.from(VALUE)].map((byte) => `%${byte.toString(16)}`).join('');

const SPELLINGS: readonly (readonly [string, string])[] = [
  ['raw', VALUE],
  ['URL-encoded', encodeURIComponent(VALUE)],
  ['URL-encoded as in a form', new URLSearchParams([['k', VALUE]]).toString().slice(2)],
  ['URL-encoded in lower case', encodeURIComponent(VALUE).replaceAll(/%../g, (hex) => hex.toLowerCase())],
  ['URL-encoded everywhere', hexes],
  ['URL-encoded twice', encodeURIComponent(encodeURIComponent(VALUE))],
  ['JSON-escaped', escaped],
  [
    'JSON-escaped in ASCII',
    escaped.replaceAll(/[^ -~]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`),
  ],
  ['JSON-escaped with slashes', escaped.replaceAll('/', '\\/')],
  ['JSON-escaped twice', JSON.stringify(escaped).slice(1, -1)],
  ['as HTML', VALUE.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&#34;')],
];

test.each(SPELLINGS)('%s is found', (_, spelled) => {
  expect(scrubber.text(`before ${spelled} behind`)).toBe(`before ${REFERENCE} behind`);
  expect(scrubber.text(spelled.repeat(2))).toBe(REFERENCE.repeat(2));
});

test.each(['base64', 'base64url'] as const)('%s is found wherever it begins', (encoding) => {
  for (const before of ['', 'a', 'ab', 'abc']) {
    const text = Buffer.from(`${before}${VALUE}behind`).toString(encoding);
    const scrubbed = scrubber.text(`"${text}"`);
    expect(scrubbed).toContain(REFERENCE);
    const left = scrubbed.replace(REFERENCE, '');
    for (let at = 0; at + 4 <= VALUE.length; at += 1) {
      expect(Buffer.from(left, 'base64').toString()).not.toContain(VALUE.slice(at, at + 4));
    }
  }
});

test('a JSON text stays one, and keeps all else as it came', async () => {
  const json = `{"n":1.0,"big":90071992547409931,"a":${JSON.stringify(VALUE)},${JSON.stringify(VALUE)}:[1e400,"x"]}`;
  expect(await scrubber.json(json)).toBe(
    `{"n":1.0,"big":90071992547409931,"a":"${REFERENCE}","${REFERENCE}":[1e400,"x"]}`,
  );
  expect(await scrubber.json('{"a":[1,"none"]}')).toBe('{"a":[1,"none"]}');
});

test('a number that is or holds the value becomes a text', async () => {
  const digits = createScrubber(new Map([['PIN', '12345678']]));
  expect(await digits.json('{"pin":12345678,"more":[9123456780,-12345678.5]}')).toBe(
    '{"pin":"{{secret:PIN}}","more":["9{{secret:PIN}}0","-{{secret:PIN}}.5"]}',
  );
});

test('a value that is JSON itself is found as a part of JSON', async () => {
  const value = '{"private_key":"abc","id":7}';
  const json = await createScrubber(new Map([['ACCOUNT', value]])).json(`{"echo":${value},"more":1}`);
  expect(JSON.parse(json)).toEqual({ text: '{"echo":{{secret:ACCOUNT}},"more":1}', note: 'holds_secret' });
});

test('one value inside of another leaves nothing of either', () => {
  const both = createScrubber(
    new Map([
      ['INNER', 'abcdefgh'],
      ['OUTER', '12abcdefgh34'],
    ]),
  );
  expect(both.text('x 12abcdefgh34 abcdefgh')).toBe('x {{secret:OUTER}} {{secret:INNER}}');
  const overlapping = createScrubber(
    new Map([
      ['A', 'abcdefgh'],
      ['B', 'efghijkl'],
    ]),
  );
  expect(overlapping.text('abcdefghijkl')).toBe('{{secret:A}}');
});

test('whatever the value and whatever is around it, it is gone', async () => {
  const value = fc.string({ unit: 'grapheme', minLength: 8, maxLength: 40 }).filter((text) => !text.includes('{{'));
  await fc.assert(
    fc.asyncProperty(value, fc.string(), fc.string(), async (secret, before, behind) => {
      const one = createScrubber(new Map([['S', secret]]));
      for (const spelled of [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1)]) {
        expect(one.text(`${before}${spelled}${behind}`).includes(spelled) && !'{{secret:S}}'.includes(spelled)).toBe(
          false,
        );
      }
      const json = await one.json(JSON.stringify({ [secret]: [before, secret] }));
      expect(JSON.stringify(JSON.parse(json)).includes(JSON.stringify(secret))).toBe(false);
    }),
  );
});

test('bytes are searched as they are', async () => {
  const bytes = Buffer.concat([Buffer.from([0, 255]), Buffer.from(VALUE), Buffer.from([254])]);
  expect(await scrubber.bytes(bytes)).toEqual(
    Buffer.concat([Buffer.from([0, 255]), Buffer.from(REFERENCE), Buffer.from([254])]),
  );
  const clean = Buffer.from('nothing of it');
  expect(await scrubber.bytes(clean)).toBe(clean);
});

test('escapes and entities that mean several bytes, or half of a character, are undone', () => {
  const value = 'pässwörd-😀-\u20ac';
  const one = createScrubber(new Map([['S', value]]));
  const units = [...Array(value.length).keys()].map((at) => value.charCodeAt(at).toString(16).padStart(4, '0'));
  const points = [...value].map((sign) => sign.codePointAt(0)!);
  const spellings = [
    units.map((unit) => `\\u${unit}`).join(''),
    units.map((unit) => `\\\\u${unit.toUpperCase()}`).join(''),
    points.map((point) => `&#${point};`).join(''),
    points.map((point) => `&#x${point.toString(16)};`).join(''),
    encodeURIComponent(units.map((unit) => `\\u${unit}`).join('')),
  ];
  for (const spelled of spellings) expect(one.text(`\\ud800${spelled}& %4`), spelled).toBe('\\ud800{{secret:S}}& %4');
});

test('what is large is gone over in slices, whatever is in it', async () => {
  const size = 1024 * 1024;
  const row = JSON.stringify({ note: `"${VALUE}"\n`, more: 'x'.repeat(40) });
  const rows = JSON.stringify(Array.from({ length: 5000 }, () => row));
  const hostile = {
    rows,
    backslashes: JSON.stringify('\\'.repeat(size / 4)),
    percents: JSON.stringify('%25'.repeat(size / 4)),
    ampersands: JSON.stringify('&amp;#&'.repeat(size / 8)),
    values: JSON.stringify(`${escaped}\\`.repeat(size / 50)),
  };
  for (const [what, json] of Object.entries(hostile)) {
    let pauses = 0;
    const counting = createScrubber(new Map([['API_KEY', VALUE]]), async () => {
      pauses += 1;
    });
    const scrubbed = await counting.json(json);
    expect(() => JSON.parse(scrubbed), what).not.toThrow();
    expect(scrubbed.includes('p@ss'), what).toBe(false);
    expect(pauses, what).toBeGreaterThan(json.length / size);
  }
});
