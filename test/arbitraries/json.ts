import fc from 'fast-check';

/** Any text that JSON can carry: every code point, no lone surrogate. */
export const anyText = fc.string({ unit: 'binary', maxLength: 12 });

/** Member names, those that trip prototypes among them; `__proto__` is refused on the wire. */
export const anyKey = fc.oneof(
  anyText.filter((key) => key !== '__proto__'),
  fc.constantFrom(
    'a',
    'b',
    'constructor',
    'toString',
    'valueOf',
    'hasOwnProperty',
    '0',
    '10',
    '9',
    '01',
    'é',
    '\ufb33',
  ),
);

const anyNumber = fc.oneof(
  fc.maxSafeInteger(),
  fc.double({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER, noNaN: true }),
  fc.constantFrom(0, -0, 1e-7, 5e-324, 0.1),
);

const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(null, true, false),
    anyNumber,
    anyText,
    fc.array(tie('tree'), { maxLength: 5 }),
    fc.dictionary(anyKey, tie('tree'), { maxKeys: 6 }),
  ),
}));

/** Any value the wire accepts, plain, with -0 as 0: what a document that holds it is read as. */
export const anyJson = tree.map((value): unknown => JSON.parse(JSON.stringify(value)));

/** {@link anyJson} with an object at its root. */
export const anyJsonObject = fc
  .dictionary(anyKey, tree, { maxKeys: 6 })
  .map((value): Record<string, unknown> => JSON.parse(JSON.stringify(value)));
