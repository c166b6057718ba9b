import { isIpv6 } from './hosts.ts';

/** How RFC 3986, appendix B, takes a reference apart: scheme, authority, path, query, fragment. */
const PARTS = /^(?:([^:/?#]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s;
const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*$/;
const IP_FUTURE = /^[vV][0-9A-Fa-f]+\.[A-Za-z0-9\-._~!$&'()*+,;=:]+$/;
const PERCENT = '%[0-9A-Fa-f]{2}';
const ASCII = "A-Za-z0-9\\-._~!$&'()*+,;=";
/** `ucschar` of RFC 3987: no controls, surrogates, private use or noncharacters. */
const UCS =
  '\\u{a0}-\\u{d7ff}\\u{f900}-\\u{fdcf}\\u{fdf0}-\\u{ffef}\\u{10000}-\\u{1fffd}\\u{20000}-\\u{2fffd}\\u{30000}-\\u{3fffd}' +
  '\\u{40000}-\\u{4fffd}\\u{50000}-\\u{5fffd}\\u{60000}-\\u{6fffd}\\u{70000}-\\u{7fffd}\\u{80000}-\\u{8fffd}' +
  '\\u{90000}-\\u{9fffd}\\u{a0000}-\\u{afffd}\\u{b0000}-\\u{bfffd}\\u{c0000}-\\u{cfffd}\\u{d0000}-\\u{dfffd}\\u{e1000}-\\u{efffd}';
const PRIVATE = '\\u{e000}-\\u{f8ff}\\u{f0000}-\\u{ffffd}\\u{100000}-\\u{10fffd}';

type Grammar = {
  readonly name: RegExp;
  readonly user: RegExp;
  readonly path: RegExp;
  readonly query: RegExp;
  readonly end: RegExp;
};

function grammar(letters: string, privateUse: string): Grammar {
  const of = (more: string): RegExp => new RegExp(`^(?:[${ASCII}${letters}${more}]|${PERCENT})*$`, 'u');
  return { name: of(''), user: of(':'), path: of(':@/'), query: of(`:@/?${privateUse}`), end: of(':@/?') };
}

const URI = grammar('', '');
const IRI = grammar(UCS, PRIVATE);

export const isUri = (text: string): boolean => isReference(text, URI, true);
export const isUriReference = (text: string): boolean => isReference(text, URI, false);
export const isIri = (text: string): boolean => isReference(text, IRI, true);
export const isIriReference = (text: string): boolean => isReference(text, IRI, false);

/** Whether a text is a `URI` or `URI-reference` of RFC 3986, or in the letters of RFC 3987 an IRI. */
function isReference(text: string, letters: Grammar, absolute: boolean): boolean {
  const parts = PARTS.exec(text);
  if (parts === null) return false;
  const [, scheme, authority, path = '', query = '', end = ''] = parts;
  if (scheme === undefined ? absolute : !SCHEME.test(scheme)) return false;
  if (authority !== undefined && !isAuthority(authority, letters)) return false;
  if (!letters.path.test(path)) return false;
  if (authority === undefined && path.startsWith('//')) return false;
  return letters.query.test(query) && letters.end.test(end);
}

function isAuthority(text: string, letters: Grammar): boolean {
  const at = text.indexOf('@');
  if (at !== -1 && !letters.user.test(text.slice(0, at))) return false;
  const host = text.slice(at + 1);
  const literal = /^\[([^\]]*)\](?::[0-9]*)?$/.exec(host);
  if (literal !== null) return isIpv6(literal[1] as string) || IP_FUTURE.test(literal[1] as string);
  const name = /^([^:]*)(?::[0-9]*)?$/.exec(host);
  return name !== null && letters.name.test(name[1] as string);
}

const VARIABLE = '(?:[A-Za-z0-9_]|%[0-9A-Fa-f]{2})+(?:\\.(?:[A-Za-z0-9_]|%[0-9A-Fa-f]{2})+)*(?::[1-9][0-9]{0,3}|\\*)?';
const EXPRESSION = new RegExp(`^[+#./;?&=,!@|]?${VARIABLE}(?:,${VARIABLE})*$`);
const LITERAL = new RegExp(
  `^(?:[\\x21\\x23\\x24\\x26-\\x3b\\x3d\\x3f-\\x5b\\x5d\\x5f\\x61-\\x7a\\x7e${UCS}${PRIVATE}]|${PERCENT})*$`,
  'u',
);

/** RFC 6570: literals, and expressions in braces. */
export function isUriTemplate(text: string): boolean {
  // Every other piece was in braces; a brace that is left over is in no literal.
  const pieces = text.split(/\{([^{}]*)\}/);
  return pieces.every((piece, index) => (index % 2 === 0 ? LITERAL : EXPRESSION).test(piece));
}
