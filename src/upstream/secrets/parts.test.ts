import { expect, test } from 'vitest';
import { joinParts, neededBy, partsOf } from './parts.ts';
import { useSecrets } from './used.ts';

const secrets = useSecrets(new Map([['KEY', 'a "quoted" / value']]));

test('a template is filled in as it is written into what surrounds it, and an argument opens nothing', () => {
  const parts = partsOf('{"key":"{{secret:KEY}}","text":"ARGUMENT"}').map((part) =>
    typeof part === 'string' ? part.replace('ARGUMENT', '{{secret:KEY}}') : part,
  );
  expect(JSON.parse(joinParts(parts, secrets, 'json'))).toEqual({
    key: 'a "quoted" / value',
    text: '{{secret:KEY}}',
  });
  expect(joinParts(partsOf('k={{secret:KEY}}&v=1'), secrets, 'percent')).toBe('k=a%20%22quoted%22%20%2F%20value&v=1');
  expect(joinParts(partsOf('{{secret:KEY}}'), secrets, 'plain')).toBe('a "quoted" / value');
  expect(joinParts(partsOf('{{secret:lower}} {{ secret:KEY }}'), undefined, 'plain')).toBe(
    '{{secret:lower}} {{ secret:KEY }}',
  );
});

test('without its value nothing is filled in', () => {
  expect(() => joinParts(partsOf('{{secret:OTHER}}'), secrets, 'plain')).toThrow('OTHER');
  expect(() => joinParts(partsOf('{{secret:KEY}}'), undefined, 'plain')).toThrow('KEY');
});

test('what a request needs is read from its configuration', () => {
  expect(neededBy([{ signing_secret: '{{secret:A}}' }, ['{{secret:B}} {{secret:A}}']], 'a.example')).toEqual({
    names: ['A', 'B'],
    host: 'a.example',
  });
  expect(neededBy([{ a: 1 }], 'a.example')).toBeUndefined();
});
