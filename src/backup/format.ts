import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { BadSettings } from '../settings.ts';

/**
 * A backup is gzipped lines of JSON: what it is, then each table's name and its rows, then what was counted and verified.
 * The last line holds the SHA-256 of everything before it, so a backup that was cut short or changed is none.
 */
export type Header = {
  readonly countersign_backup: 1;
  /** The version that made it. */
  readonly version: string;
  readonly made_at: string;
  /** Columns by table, in an order in which rows can be put back. */
  readonly tables: Readonly<Record<string, readonly string[]>>;
  readonly sequences: Readonly<Record<string, string>>;
  /** What lay beside the database in the data directory, in base64. */
  readonly files: Readonly<Record<string, string>>;
};

/** The end of one workspace's chain, and the first link that does not hold, if one does not. */
export type Head = {
  readonly tenant_id: string;
  readonly seq: number;
  readonly hash: string;
  readonly fault?: string;
};

export type Footer = {
  readonly rows: Readonly<Record<string, number>>;
  readonly heads: readonly Head[];
  readonly sha256: string;
};

/** What a backup is read as: its header, then rows by table, then its footer. */
export type Part =
  | { readonly kind: 'header'; readonly header: Header }
  | { readonly kind: 'row'; readonly table: string; readonly line: string }
  | { readonly kind: 'footer'; readonly footer: Footer };

const TABLE = '# ';
const END = '#end ';

/** Writes a new file, readable by its owner only. `rows` gives table names and rows as they are to stand in it. */
export async function writeBackup(
  file: string,
  header: Header,
  rows: AsyncIterable<{ readonly table: string } | { readonly line: string }>,
  footer: () => Omit<Footer, 'sha256'>,
): Promise<void> {
  const sum = createHash('sha256');
  async function* lines(): AsyncGenerator<string> {
    const said = (line: string): string => {
      sum.update(`${line}\n`);
      return `${line}\n`;
    };
    yield said(JSON.stringify(header));
    for await (const row of rows) yield said('table' in row ? TABLE + row.table : row.line);
    yield `${END}${JSON.stringify({ ...footer(), sha256: sum.digest('hex') })}\n`;
  }
  await pipeline(
    Readable.from(lines()),
    createGzip(),
    createWriteStream(file, { flags: 'wx', mode: 0o600, flush: true }),
  );
}

/** Reads a backup from its beginning. Throws `BadSettings` for a file that is none, or not whole, when that is known. */
export async function* readBackup(file: string): AsyncGenerator<Part> {
  const sum = createHash('sha256');
  let header: Header | undefined;
  let table: string | undefined;
  let footer: Footer | undefined;
  try {
    for await (const bytes of linesOf(file)) {
      if (footer !== undefined) throw notWhole(file);
      const line = bytes.toString();
      if (line.startsWith(END)) {
        footer = JSON.parse(line.slice(END.length)) as Footer;
        if (footer.sha256 !== sum.digest('hex')) throw notWhole(file);
        yield { kind: 'footer', footer };
        continue;
      }
      sum.update(bytes).update('\n');
      if (header === undefined) {
        header = JSON.parse(line) as Header;
        if (header.countersign_backup !== 1) throw notWhole(file);
        yield { kind: 'header', header };
      } else if (line.startsWith(TABLE)) {
        table = line.slice(TABLE.length);
        if (!Object.hasOwn(header.tables, table)) throw notWhole(file);
      } else if (table === undefined) {
        throw notWhole(file);
      } else {
        yield { kind: 'row', table, line };
      }
    }
  } catch (fault) {
    const { code = '' } = fault as { code?: string };
    if (code === 'ENOENT' || code === 'EISDIR')
      throw new BadSettings(`There is no file ${file}. Write the path of a backup.`);
    if (code === 'EACCES') throw new BadSettings(`${file} may not be read by this account.`);
    if (/^Z_|^ERR_STREAM_PREMATURE/.test(code) || fault instanceof SyntaxError) throw notWhole(file);
    throw fault;
  }
  if (footer === undefined) throw notWhole(file);
}

function notWhole(file: string): BadSettings {
  return new BadSettings(`${file} is not a whole backup of Countersign: it was cut short or changed. Use another one.`);
}

async function* linesOf(file: string): AsyncGenerator<Buffer> {
  const source = createReadStream(file);
  const unzipped = source.pipe(createGunzip());
  source.on('error', (fault) => unzipped.destroy(fault));
  let rest: Buffer[] = [];
  for await (const chunk of unzipped as AsyncIterable<Buffer>) {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      yield Buffer.concat([...rest, chunk.subarray(from, end)]);
      rest = [];
      from = end + 1;
    }
    if (from < chunk.length) rest.push(chunk.subarray(from));
  }
  if (rest.length > 0) yield Buffer.concat(rest);
}
