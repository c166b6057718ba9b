import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyJson } from '../../test/arbitraries/json.ts';
import { canonicalBytesOf } from './jcs.ts';
import { readWire, readWireObject } from './wire-object.ts';

test('what is inside of a member is canonical as it is by itself, whichever way the body was read', () => {
  fc.assert(
    fc.property(anyJson, anyJson, fc.boolean(), (args, other, isPlain) => {
      const body = { params: { z: other, arguments: args, name: 'x' }, id: 1 };
      const text = JSON.stringify(body);
      // A name with an escape is read the careful way.
      const read = readWire(Buffer.from(isPlain ? text : text.replace('"id"', String.raw`"\u0069d"`)));
      if (!read.ok) throw new Error(read.reason);
      const canonical = (...path: [string, ...string[]]) => read.canonical(...path)?.toString();
      expect(Buffer.from(read.canonical('params', 'arguments')!).toString()).toBe(
        canonicalBytesOf(normal(args)).toString(),
      );
      expect(canonical('params', 'none')).toBeUndefined();
      expect(canonical('none', 'arguments')).toBeUndefined();
      expect(canonical('id', 'arguments')).toBeUndefined();
      expect(read.value).toEqual(normal(body));
    }),
  );
});

/** As JSON has it: there is no -0. */
function normal(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

test('a body may be any value, and an object where one is wanted', () => {
  for (const text of ['[1,{"a":2}]', '7', '"a"', 'null']) {
    expect(readWire(Buffer.from(text))).toMatchObject({ ok: true, value: JSON.parse(text) });
    expect(readWireObject(Buffer.from(text))).toMatchObject({ ok: false, path: '$' });
  }
  expect(readWire(Buffer.from('{"a":1,"a":2}'))).toMatchObject({ ok: false });
  const read = readWireObject(Buffer.from('{"b":[2,1],"a":{"d":1,"c":"é"}}'));
  if (!read.ok) throw new Error(read.reason);
  expect(Buffer.from(read.canonical('a')!).toString()).toBe('{"c":"é","d":1}');
  expect(Object.isFrozen(read.value.a)).toBe(true);
});
