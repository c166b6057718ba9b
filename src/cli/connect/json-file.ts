import { findNodeAtLocation, type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';

/** A file that cannot be edited without losing something. The message says what is wrong with it. */
export class BadFile extends Error {
  override readonly name = 'BadFile';
}

type Path = readonly [member: string, name: string];

/** A JSON text, comments allowed, with one entry set. All other bytes stay. */
export function withEntry(text: string, [member, name]: Path, value: object): string {
  if (text.trim() === '') return `${JSON.stringify({ [member]: { [name]: value } }, null, 2)}\n`;
  const root = rootOf(text);
  const entries = entriesOf(root, member);
  if (entries === undefined) return inserted(text, root, member, { [name]: value }, 1);
  const present = findNodeAtLocation(entries, [name]);
  if (present === undefined) return inserted(text, entries, name, value, 2);
  const { offset, length } = present;
  return text.slice(0, offset) + written(text, value, 2) + text.slice(offset + length);
}

/** The same without the entry, and without an object that held nothing else; undefined where it is not there. */
export function withoutEntry(text: string, [member, name]: Path): string | undefined {
  const root = text.trim() === '' ? undefined : rootOf(text);
  const entries = root && entriesOf(root, member);
  const present = entries && findNodeAtLocation(entries, [name]);
  if (present === undefined) return undefined;
  const isAlone = entries!.children!.length === 1;
  return taken(text, isAlone ? root! : entries!, isAlone ? entries!.parent! : present.parent!);
}

/** An object with one more member behind its last. */
function inserted(text: string, object: Node, name: string, value: object, depth: number): string {
  const { isLines, indent, eol } = formatOf(text);
  const member = `${JSON.stringify(name)}:${isLines ? ' ' : ''}${written(text, value, depth)}`;
  const last = object.children!.at(-1);
  const before = isLines ? `${eol}${indent.repeat(depth)}` : '';
  if (last !== undefined) {
    const end = last.offset + last.length;
    return `${text.slice(0, end)},${before}${member}${text.slice(end)}`;
  }
  const after = isLines ? `${eol}${indent.repeat(depth - 1)}` : '';
  return `${text.slice(0, object.offset)}{${before}${member}${after}}${text.slice(object.offset + object.length)}`;
}

/** An object without a member and the comma that set it apart: what {@link inserted} did, undone. */
function taken(text: string, object: Node, member: Node): string {
  const members = object.children!;
  const at = members.indexOf(member);
  const before = members[at - 1];
  const after = members[at + 1];
  const end = member.offset + member.length;
  if (before !== undefined) return text.slice(0, before.offset + before.length) + text.slice(end);
  if (after !== undefined) return text.slice(0, member.offset) + text.slice(after.offset);
  return `${text.slice(0, object.offset)}{}${text.slice(object.offset + object.length)}`;
}

function rootOf(text: string): Node {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  const [error] = errors;
  if (error !== undefined || root === undefined) {
    const what = error && `: ${printParseErrorCode(error.error)} at character ${error.offset}`;
    throw new BadFile(`it is not JSON${what ?? ''}`);
  }
  if (root.type !== 'object') throw new BadFile('it is not a JSON object');
  return root;
}

/** The entries of a member; undefined where there is none. */
function entriesOf(root: Node, member: string): Node | undefined {
  const entries = findNodeAtLocation(root, [member]);
  if (entries !== undefined && entries.type !== 'object') throw new BadFile(`its member ${member} is not an object`);
  return entries;
}

/** What is added is written as its neighbours are. */
function formatOf(text: string): { readonly isLines: boolean; readonly indent: string; readonly eol: string } {
  const indent = /\n([ \t]+)\S/.exec(text)?.[1] ?? '  ';
  return { isLines: text.trim().includes('\n'), indent, eol: text.includes('\r\n') ? '\r\n' : '\n' };
}

function written(text: string, value: object, depth: number): string {
  const { isLines, indent, eol } = formatOf(text);
  if (!isLines) return JSON.stringify(value);
  return JSON.stringify(value, null, indent).replaceAll('\n', `${eol}${indent.repeat(depth)}`);
}
