import { type AST, RegExpParser, visitRegExpAST } from '@eslint-community/regexpp';
import { unicodeSet } from './unicode-names.ts';

/** A pattern in RE2's notation, or why it has none. */
export type Translation = { readonly ok: true; readonly re2: string } | { readonly ok: false; readonly reason: string };

/** What ECMA-262 means, written as the inside of a class: RE2's own `\s` is ASCII, and its `.` leaves out less. */
const SPACE =
  '\\t\\n\\v\\f\\r \\x{A0}\\x{1680}\\x{2000}-\\x{200A}\\x{2028}\\x{2029}\\x{202F}\\x{205F}\\x{3000}\\x{FEFF}';
const WORD = '0-9A-Za-z_';
const DIGIT = '0-9';
const LINE_ENDS = '\\n\\r\\x{2028}\\x{2029}';
const EVERYTHING = '\\x{0}-\\x{10FFFF}';

/** How a character may be written where the flag "u" is not asked for: plainly, by an escape of ECMA-262, or escaped. */
const SPELLING = /^(?:[^\\]|\\(?:[tnvfr]|0|c[A-Za-z]|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|[\x20-\x2f:-@[-`{-~]))$/;

class Refused extends Error {}

const parser = new RegExpParser({ ecmaVersion: 2025 });

/**
 * Reads a pattern as ECMA-262 does with the flag "u", as JSON Schema asks, and writes it for RE2 with the same meaning.
 * Refused, because no engine matches them in linear time or RE2 has no words for them: lookaround, backreferences,
 * inline flags, and Unicode sets beside general categories and scripts.
 *
 * Patterns that only do without the flag are common, as `\@`, `[\w-.]` and `{`. They are taken where they mean
 * what they say; `\a`, `\k`, `\8` and the like, which then stand for something else, are not.
 */
export function translatePattern(source: string): Translation {
  try {
    return { ok: true, re2: alternatives(parse(source)) };
  } catch (error) {
    if (error instanceof Refused) return { ok: false, reason: error.message };
    return { ok: false, reason: `not a pattern of ECMA-262 (${syntaxMessage(error)})` };
  }
}

function parse(source: string): AST.Pattern {
  try {
    return parser.parsePattern(source, 0, source.length, { unicode: true });
  } catch (error) {
    const legacy = parseLegacy(source);
    if (legacy === undefined) throw error;
    return legacy;
  }
}

function parseLegacy(source: string): AST.Pattern | undefined {
  if (/[\ud800-\udfff]/.test(source)) return undefined;
  let isPlain = true;
  try {
    const pattern = parser.parsePattern(source, 0, source.length, { unicode: false });
    visitRegExpAST(pattern, {
      onCharacterEnter({ raw, value }) {
        isPlain &&= SPELLING.test(raw) && (value < 0xd800 || value > 0xdfff);
      },
    });
    return isPlain ? pattern : undefined;
  } catch {
    return undefined;
  }
}

/** "Invalid regular expression: /…/u: Unterminated group" without what the author knows. */
const syntaxMessage = (error: unknown): string =>
  error instanceof Error ? error.message.replace(/^Invalid regular expression: .*: /s, '') : 'not readable';

const alternatives = ({ alternatives: all }: { readonly alternatives: readonly AST.Alternative[] }): string =>
  all.map(({ elements }) => elements.map(element).join('')).join('|');

function element(node: AST.Element): string {
  switch (node.type) {
    case 'Assertion':
      return assertion(node);
    case 'Quantifier':
      return `(?:${element(node.element)})${quantifier(node)}`;
    case 'Group':
      if (node.modifiers !== null) throw new Refused(`flags inside a pattern are not supported: ${start(node)}`);
      return `(?:${alternatives(node)})`;
    case 'CapturingGroup':
      return `(?:${alternatives(node)})`;
    case 'Backreference':
      throw new Refused(`backreferences cannot be matched in linear time: ${node.raw}`);
    case 'Character':
      return character(node.value);
    case 'CharacterSet':
      return node.kind === 'any' ? `[^${LINE_ENDS}]` : set(node);
    case 'CharacterClass':
      return characterClass(node);
    default:
      throw new Refused(`not supported: ${node.raw}`);
  }
}

function assertion(node: AST.Assertion): string {
  switch (node.kind) {
    case 'start':
      return '\\A';
    case 'end':
      return '\\z';
    case 'word':
      return node.negate ? '\\B' : '\\b';
    default:
      throw new Refused(`lookahead and lookbehind cannot be matched in linear time: ${start(node)}`);
  }
}

function quantifier({ min, max }: AST.Quantifier): string {
  if (max === Number.POSITIVE_INFINITY) return min === 0 ? '*' : min === 1 ? '+' : `{${min},}`;
  return min === 0 && max === 1 ? '?' : `{${min},${max}}`;
}

/** Letters and digits stand for themselves; everything else by number, so that nothing has a meaning of its own. */
const character = (code: number): string => {
  const text = String.fromCodePoint(code);
  return /^[0-9A-Za-z]$/.test(text) ? text : `\\x{${code.toString(16).toUpperCase()}}`;
};

function characterClass(node: AST.CharacterClass): string {
  const members = node.elements.map((member) => {
    if (member.type === 'Character') return character(member.value);
    if (member.type === 'CharacterClassRange') return `${character(member.min.value)}-${character(member.max.value)}`;
    if (member.type === 'CharacterSet') return inClass(member);
    throw new Refused(`not supported: ${member.raw}`);
  });
  // A class of nothing is written as the opposite of everything.
  if (members.length === 0) return `[${node.negate ? '' : '^'}${EVERYTHING}]`;
  return `[${node.negate ? '^' : ''}${members.join('')}]`;
}

type NamedSet = AST.EscapeCharacterSet | AST.UnicodePropertyCharacterSet;

const NAMED: Readonly<Record<'digit' | 'space' | 'word', string>> = { digit: DIGIT, space: SPACE, word: WORD };

function set(node: NamedSet): string {
  if (node.kind === 'property') return `[${inClass(node)}]`;
  return `[${node.negate ? '^' : ''}${NAMED[node.kind]}]`;
}

/** A set as part of a class. RE2 has no word for "not ECMA-262's space" in a class, so that is written out. */
function inClass(node: NamedSet): string {
  if (node.kind === 'property') {
    const found = unicodeSet(node.key, node.value);
    if (found === undefined)
      throw new Refused(`only general categories and scripts of Unicode are supported: ${node.raw}`);
    return node.negate ? opposite(found, node.raw) : found;
  }
  if (!node.negate) return NAMED[node.kind];
  return NOT_NAMED[node.kind];
}

const NOT_NAMED: Readonly<Record<'digit' | 'space' | 'word', string>> = {
  digit: '\\D',
  word: '\\W',
  space:
    '\\x{0}-\\x{8}\\x{E}-\\x{1F}\\x{21}-\\x{9F}\\x{A1}-\\x{167F}\\x{1681}-\\x{1FFF}\\x{200B}-\\x{2027}' +
    '\\x{202A}-\\x{202E}\\x{2030}-\\x{205E}\\x{2060}-\\x{2FFF}\\x{3001}-\\x{FEFE}\\x{FF00}-\\x{10FFFF}',
};

function opposite(found: string, raw: string): string {
  if (found.startsWith('\\p')) return `\\P${found.slice(2)}`;
  if (found.startsWith('\\P')) return `\\p${found.slice(2)}`;
  if (found === '\\x{0}-\\x{7F}') return '\\x{80}-\\x{10FFFF}';
  throw new Refused(`matches nothing: ${raw}`);
}

/** The beginning of a part, which says what it is. */
const start = ({ raw }: AST.Node): string => raw.slice(0, 4);

/** Whether a text is a pattern of ECMA-262 with the flag "u", also one that is not matched here. */
export function isPattern(source: string): boolean {
  try {
    parser.parsePattern(source, 0, source.length, { unicode: true });
    return true;
  } catch {
    return false;
  }
}
