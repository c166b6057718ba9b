import { BadFile } from './json-file.ts';

/** One table of a TOML text, as `[mcp_servers.name]`, set and taken out again. All other lines stay. */

type Path = readonly [parent: string, name: string];
type Value = string | Readonly<Record<string, string>>;

export function withTable(text: string, path: Path, values: Readonly<Record<string, Value>>): string {
  const rest = withoutTable(text, path) ?? text;
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const lines = [
    `[${path.map(key).join('.')}]`,
    ...Object.entries(values).map(([name, value]) => `${key(name)} = ${written(value)}`),
  ];
  const gap = rest.trim() === '' ? '' : rest.endsWith(eol) ? eol : `${eol}${eol}`;
  return `${rest.trim() === '' ? '' : rest}${gap}${lines.join(eol)}${eol}`;
}

/** Undefined where the table is not there. With it go the tables below it. */
export function withoutTable(text: string, path: Path): string | undefined {
  const lines = text.split(/(?<=\n)/);
  const kept: string[] = [];
  let inString: string | undefined;
  let isOurs = false;
  let wasThere = false;
  for (const line of lines) {
    const header = inString === undefined ? headerOf(line) : undefined;
    if (header !== undefined) {
      isOurs = path.every((part, index) => header[index] === part);
      // The empty line that set it apart goes with it.
      if (isOurs && !wasThere && kept.at(-1)?.trim() === '') kept.pop();
      wasThere ||= isOurs;
    }
    if (!isOurs) kept.push(line);
    inString = afterLine(line, inString);
  }
  if (inString !== undefined) throw new BadFile('it is not TOML: a string does not end');
  return wasThere ? kept.join('') : undefined;
}

/** The names in a table's header, or undefined for another line. */
function headerOf(line: string): string[] | undefined {
  const inner = /^\s*\[\[?\s*(.*?)\s*\]\]?\s*(?:#.*)?$/.exec(line.trimEnd())?.[1];
  if (inner === undefined) return undefined;
  const parts = inner.match(/"(?:[^"\\]|\\.)*"|'[^']*'|[\w-]+/g) ?? [];
  return parts.map((part) => (/^["']/.test(part) ? part.slice(1, -1) : part));
}

/** Which string of several lines is open behind a line. */
function afterLine(line: string, open: string | undefined): string | undefined {
  let inside = open;
  for (const [mark] of line.matchAll(/"""|'''/g)) {
    if (inside === undefined) inside = mark;
    else if (inside === mark) inside = undefined;
  }
  return inside;
}

function key(name: string): string {
  return /^[\w-]+$/.test(name) ? name : JSON.stringify(name);
}

function written(value: Value): string {
  if (typeof value === 'string') return JSON.stringify(value);
  return `{ ${Object.entries(value)
    .map(([name, part]) => `${key(name)} = ${JSON.stringify(part)}`)
    .join(', ')} }`;
}
