import fc from 'fast-check';
import { expect, test } from 'vitest';
import { earliestId, ID_PREFIXES, type IdPrefix, idToUuid, isId, newId, uuidToId } from './ids.ts';
import { writeUuidV7 } from './uuid.ts';

/** The valid vectors of the TypeID specification 0.3 (suffix and UUID). */
test.each([
  ['00000000000000000000000000', '00000000-0000-0000-0000-000000000000'],
  ['00000000000000000000000001', '00000000-0000-0000-0000-000000000001'],
  ['0000000000000000000000000a', '00000000-0000-0000-0000-00000000000a'],
  ['0000000000000000000000000g', '00000000-0000-0000-0000-000000000010'],
  ['00000000000000000000000010', '00000000-0000-0000-0000-000000000020'],
  ['7zzzzzzzzzzzzzzzzzzzzzzzzz', 'ffffffff-ffff-ffff-ffff-ffffffffffff'],
  ['0123456789abcdefghjkmnpqrs', '0110c853-1d09-52d8-d73e-1194e95b5f19'],
  ['01h455vb4pex5vsknk084sn02q', '01890a5d-ac96-774b-bcce-b302099a8057'],
])('the suffix %s stands for %s', (suffix, uuid) => {
  expect(uuidToId('apv', uuid)).toBe(`apv_${suffix}`);
  expect(uuidToId('apv', uuid.toUpperCase())).toBe(`apv_${suffix}`);
  expect(idToUuid(`apv_${suffix}`)).toBe(uuid);
  expect(isId('apv', `apv_${suffix}`)).toBe(true);
});

const SUFFIX = '01h455vb4pex5vsknk084sn02q';

test.each([
  '',
  'apv',
  'apv_',
  `_${SUFFIX}`,
  SUFFIX,
  `APV_${SUFFIX}`,
  `apv${SUFFIX}`,
  `apv-${SUFFIX}`,
  `xapv_${SUFFIX}`,
  `apv__${SUFFIX}`,
  `exe_${SUFFIX}`,
  `apv_${SUFFIX.slice(1)}`,
  `apv_${SUFFIX}0`,
  `apv_${SUFFIX.toUpperCase()}`,
  `apv_8zzzzzzzzzzzzzzzzzzzzzzzzz`,
  `apv_01h455vb4pex5vsknk084sn02i`,
  `apv_01h455vb4pex5vsknk084sn02l`,
  `apv_01h455vb4pex5vsknk084sn02o`,
  `apv_01h455vb4pex5vsknk084sn02u`,
  `apv_01h455vb4pex5vsknk084sn0 q`,
  `apv_01h455vb4pex5vsknk084sn0éq`,
  `apv_01h455vb-pex5vsknk084sn02q`,
  ' '.repeat(30),
  null,
  42,
])('%j is not an approval id', (text) => {
  expect(isId('apv', text)).toBe(false);
});

test('the prefix must be one of ours, and what is no id has no UUID', () => {
  expect(() => idToUuid(`toString_${SUFFIX}`)).toThrow(TypeError);
  expect(() => idToUuid(`nope_${SUFFIX}`)).toThrow(TypeError);
  expect(() => idToUuid('apv_8zzzzzzzzzzzzzzzzzzzzzzzzz')).toThrow(TypeError);
  for (const text of ['', 'x'.repeat(36), '01890a5dac96774bbcceb302099a8057', '01890a5d-ac96-774b-bcce-b302099a805é']) {
    expect(() => uuidToId('apv', text)).toThrow(TypeError);
  }
});

test('every UUID survives the way there and back', () => {
  fc.assert(
    fc.property(fc.uuid(), fc.constantFrom(...(Object.keys(ID_PREFIXES) as IdPrefix[])), (uuid, prefix) => {
      expect(idToUuid(uuidToId(prefix, uuid))).toBe(uuid);
    }),
  );
});

test('new ids are UUIDv7 of this time, all different, in the order they were made', () => {
  const before = Date.now();
  const ids = Array.from({ length: 20_000 }, () => newId('exe'));
  const after = Date.now();
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toEqual([...ids].sort());
  for (const id of [ids[0], ids.at(-1)]) {
    const uuid = idToUuid(id as string);
    expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const madeAt = Number.parseInt(uuid.replace('-', '').slice(0, 12), 16);
    expect(madeAt).toBeGreaterThanOrEqual(before);
    expect(madeAt).toBeLessThanOrEqual(after);
  }
});

test('the order holds when the clock stands still or steps back', () => {
  const made: string[] = [];
  const bytes = Buffer.alloc(16);
  const start = Date.now() + 1_000;
  for (const step of [0, 0, 0, -500, -3_600_000, 1, 0, -1, 2]) {
    writeUuidV7(bytes, start + step);
    made.push(bytes.toString('hex'));
  }
  expect(made).toEqual([...made].sort());
  expect(new Set(made).size).toBe(made.length);
});

test('the earliest id of a time has its milliseconds and nothing else', () => {
  const id = earliestId('exe', new Date(0x0198_7654_3210));
  expect(idToUuid(id)).toBe('01987654-3210-7000-8000-000000000000');
  expect(id < uuidToId('exe', '01987654-3210-7000-8000-000000000001')).toBe(true);
  expect(id > uuidToId('exe', '01987654-320f-7fff-bfff-ffffffffffff')).toBe(true);
});
