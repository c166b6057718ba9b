/** Stands around the name of a shell variable in a word: characters that no command has (private use). */
const OPEN = '\ue000';
const CLOSE = '\ue001';

/** A variable as it stands in a word. */
export const VARIABLE = new RegExp(`${OPEN}([A-Za-z_][A-Za-z0-9_]{0,63})${CLOSE}`, 'g');

/** Why a command is not read. */
export class NotReadable extends Error {}

const ENDS = new Set([';', '|', '&', '<', '>', '\n']);

/**
 * The words of one shell command (POSIX quoting, and `$'…'`). Nothing is ever run or looked up: variables stay variables,
 * and what would run something is refused.
 */
export function wordsOf(command: string): string[] {
  if (command.includes(OPEN) || command.includes(CLOSE)) throw new NotReadable('leave out private characters');
  const text = command.replace(/\\\r?\n/g, ' ').trim();
  const words: string[] = [];
  let word: string | null = null;
  let at = 0;
  const add = (more: string): void => {
    word = (word ?? '') + more;
  };
  while (at < text.length) {
    const char = text[at]!;
    if (ENDS.has(char)) throw new NotReadable(`one curl command alone is read, without ${JSON.stringify(char)}`);
    if (/\s/.test(char)) {
      if (word !== null) words.push(word);
      word = null;
      at += 1;
    } else if (char === "'") {
      const end = closing(text, "'", at + 1);
      add(text.slice(at + 1, end));
      at = end + 1;
    } else if (char === '"') {
      at = inDoubleQuotes(text, at + 1, add);
    } else if (char === '$' && text[at + 1] === "'") {
      at = inAnsiQuotes(text, at + 2, add);
    } else if (char === '\\') {
      add(text[at + 1] ?? '');
      at += 2;
    } else {
      at = plain(text, at, add);
    }
  }
  if (word !== null) words.push(word);
  return words;
}

/** One character, or a variable; gives where it ends. */
function plain(text: string, at: number, add: (more: string) => void): number {
  const char = text[at]!;
  if (char === '`') throw new NotReadable('commands inside of a command are not run');
  if (char !== '$') {
    add(char);
    return at + 1;
  }
  if (text[at + 1] === '(') throw new NotReadable('commands inside of a command are not run');
  const variable = /^\$(?:\{([A-Za-z_]\w{0,63})\}|([A-Za-z_]\w{0,63}))/.exec(text.slice(at, at + 70));
  if (variable === null) {
    add(char);
    return at + 1;
  }
  add(OPEN + (variable[1] ?? variable[2])! + CLOSE);
  return at + variable[0].length;
}

function inDoubleQuotes(text: string, from: number, add: (more: string) => void): number {
  add('');
  let at = from;
  while (text[at] !== '"') {
    if (at >= text.length) throw new NotReadable('a quotation mark is not closed');
    if (text[at] === '\\' && /["\\$`]/.test(text[at + 1] ?? '')) {
      add(text[at + 1]!);
      at += 2;
    } else at = plain(text, at, add);
  }
  return at + 1;
}

const ANSI: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', "'": "'", '"': '"', '\\': '\\', e: '\x1b' };

function inAnsiQuotes(text: string, from: number, add: (more: string) => void): number {
  add('');
  let at = from;
  while (text[at] !== "'") {
    if (at >= text.length) throw new NotReadable('a quotation mark is not closed');
    const found = /^\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))/s.exec(text.slice(at, at + 6));
    if (found === null) add(text[at]!);
    else if (found[3] !== undefined) add(ANSI[found[3]] ?? found[3]);
    else add(String.fromCharCode(Number.parseInt((found[1] ?? found[2])!, 16)));
    at += found?.[0].length ?? 1;
  }
  return at + 1;
}

function closing(text: string, quote: string, from: number): number {
  const end = text.indexOf(quote, from);
  if (end === -1) throw new NotReadable('a quotation mark is not closed');
  return end;
}
