/** A body that is refused before anything in it is believed, and how the refusal ends: with the place. */
export type HostileJson = { readonly name: string; readonly body: string | Uint8Array; readonly told: string };

const bytes = (...parts: readonly (string | readonly number[])[]): Uint8Array =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))));
const deep = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;

/** Texts that are not strict JSON, whoever asks. */
export const HOSTILE_JSON: readonly HostileJson[] = [
  { name: 'nothing', body: '', told: 'at $' },
  { name: 'space', body: ' \n', told: 'at $' },
  { name: 'an object that does not end', body: '{"a":', told: 'at $.a' },
  { name: 'a string that does not end', body: '{"a":"b', told: 'the text ends inside a string at $.a' },
  { name: 'bytes behind the end', body: '{}{}', told: 'not JSON at character 2 at $' },
  { name: 'a letter behind the end', body: '{} x', told: 'not JSON at character 3 at $' },
  { name: 'two equal keys', body: '{"a":{"b":1,"b":1}}', told: 'duplicate key at $.a.b' },
  { name: 'two keys that an escape makes equal', body: '{"ab":1,"\\u0061b":2}', told: 'duplicate key at $.ab' },
  { name: 'two equal keys in a list', body: '{"a":[{},{"b":1,"b":2}]}', told: 'duplicate key at $.a[1].b' },
  { name: 'a lone high surrogate', body: '{"a":"\\ud800"}', told: 'lone surrogate in a string at $.a' },
  { name: 'a lone low surrogate', body: '{"a":"\\udc00x"}', told: 'lone surrogate in a string at $.a' },
  { name: 'surrogates the wrong way round', body: '{"a":"\\udc00\\ud800"}', told: 'lone surrogate in a string at $.a' },
  { name: 'a surrogate encoded in UTF-8', body: bytes('{"a":"', [0xed, 0xa0, 0x80], '"}'), told: 'not UTF-8 at $' },
  { name: 'an overlong slash', body: bytes('{"a":"', [0xc0, 0xaf], '"}'), told: 'not UTF-8 at $' },
  { name: 'Latin-1', body: bytes('{"a":"', [0xe9], '"}'), told: 'not UTF-8 at $' },
  { name: 'UTF-16', body: Buffer.from('{"a":1}', 'utf16le'), told: 'at $' },
  { name: 'a byte order mark', body: bytes([0xef, 0xbb, 0xbf], '{"a":1}'), told: 'starts with a byte order mark at $' },
  {
    name: 'a NUL byte in a string',
    body: bytes('{"a":"', [0], '"}'),
    told: 'unescaped control character in a string at $.a',
  },
  { name: 'a NUL byte between tokens', body: bytes('{', [0], '"a":1}'), told: 'at $' },
  { name: 'a line break in a string', body: '{"a":"b\nc"}', told: 'unescaped control character in a string at $.a' },
  { name: 'an integer beyond 2^53', body: '{"a":9007199254740993}', told: 'outside ±(2^53−1) at $.a' },
  { name: 'an integer below -2^53', body: '{"a":[-9007199254740993]}', told: 'outside ±(2^53−1) at $.a[0]' },
  { name: 'an integer written with an exponent', body: '{"a":1e300}', told: 'outside ±(2^53−1) at $.a' },
  { name: 'a number that is not finite', body: '{"a":1e400}', told: 'the number is not finite at $.a' },
  { name: 'a million digits', body: `{"a":${'9'.repeat(1_000_000)}}`, told: 'at $.a' },
  {
    name: '__proto__',
    body: '{"a":{"__proto__":{"x":1}}}',
    told: 'the key "__proto__" is not allowed at $.a.__proto__',
  },
  { name: '__proto__ by escapes', body: '{"\\u005f_proto__":1}', told: 'is not allowed at $.__proto__' },
  { name: '65 levels', body: deep(65), told: `nested deeper than 64 levels at $${'.a'.repeat(64)}` },
  { name: 'a hundred thousand brackets', body: '['.repeat(100_000), told: `at $${'[0]'.repeat(64)}` },
  { name: 'an unknown escape', body: '{"a":"\\x41"}', told: 'unknown escape in a string at $.a' },
  { name: 'half an escape', body: '{"a":"\\u00"}', told: 'unknown escape in a string at $.a' },
  { name: 'NaN', body: '{"a":NaN}', told: 'at $.a' },
  { name: 'Infinity', body: '{"a":-Infinity}', told: 'at $.a' },
  { name: 'a leading zero', body: '{"a":01}', told: 'at $' },
  { name: 'a leading plus', body: '{"a":+1}', told: 'at $.a' },
  { name: 'a bare dot', body: '{"a":.5}', told: 'at $.a' },
  { name: 'hexadecimal', body: '{"a":0x10}', told: 'at $' },
  { name: 'a trailing comma', body: '{"a":1,}', told: 'at $' },
  { name: 'a comment', body: '{"a":1/*b*/}', told: 'at $' },
  { name: 'single quotes', body: "{'a':1}", told: 'at $' },
  { name: 'a key without quotes', body: '{a:1}', told: 'at $' },
  { name: 'a form', body: 'tool=help.search&q=1', told: 'at $' },
];

/** JSON that is no call. */
export const HOSTILE_CALLS: readonly HostileJson[] = [
  { name: 'a list', body: '[]', told: 'the body must be a JSON object at $' },
  { name: 'a text', body: '"tool"', told: 'the body must be a JSON object at $' },
  { name: 'null', body: 'null', told: 'the body must be a JSON object at $' },
  { name: 'no tool', body: '{"arguments":{}}', told: 'at $.tool' },
  { name: 'a tool that is a number', body: '{"tool":7}', told: 'at $.tool' },
  { name: 'a tool without a name', body: '{"tool":""}', told: 'at $.tool' },
  { name: 'a tool with a very long name', body: `{"tool":"${'a'.repeat(129)}"}`, told: 'at $.tool' },
  { name: 'arguments in a list', body: '{"tool":"help.search","arguments":[]}', told: 'at $.arguments' },
  { name: 'no arguments but null', body: '{"tool":"help.search","arguments":null}', told: 'at $.arguments' },
  { name: 'an approval that is a number', body: '{"tool":"help.search","approval_id":1}', told: 'at $.approval_id' },
  {
    name: 'a yes that is a text',
    body: '{"tool":"help.search","execute_on_approval":"yes"}',
    told: 'at $.execute_on_approval',
  },
  {
    name: "another workspace's id",
    body: '{"tool":"help.search","arguments":{},"tenant_id":"org_01m80m5h5re308pvzp7b8eqkmg"}',
    told: '/^unknown field at \\$\\.tenant_id; the fields are tool, arguments, approval_id, /',
  },
  {
    name: 'a policy of its own',
    body: '{"tool":"email.send","policy":"auto"}',
    told: '/^unknown field at \\$\\.policy/',
  },
];
