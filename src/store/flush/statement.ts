import type { ClientBase, Connection, DatabaseError, Submittable } from 'pg';
import { StoreUnavailable } from '../fault.ts';
import type { ByteWriter } from './byte-writer.ts';
import type { FlushType } from './rows.ts';

/** The protocol's messages that a flush is made of (PostgreSQL, Frontend/Backend Protocol, Message Formats). */
const BIND = 0x42;
const EXECUTE = 0x45;
const SYNC = 0x53;
const BINARY = 1;

/** What the database answered: how many rows it wrote, and which it did not write, and why. */
export type Flushed = { readonly written: number; readonly refused: ReadonlyMap<number, string> };

/** Writes the message that binds a statement's arrays in binary form and runs it: a Bind, an Execute, a Sync. */
export function writeFlush(
  out: ByteWriter,
  { name, parameters }: FlushStatement,
  write: (parameter: FlushType) => void,
): void {
  out.byte(BIND);
  const bind = out.reserveLength();
  out.byte(0);
  out.utf8(name);
  out.byte(0);
  out.int2(1);
  out.int2(BINARY);
  out.int2(parameters.length);
  for (const parameter of parameters) {
    const length = out.reserveLength();
    write(parameter);
    out.closeLength(length);
  }
  out.int2(0);
  out.closeLength(bind, LENGTH_ITSELF);
  out.byte(EXECUTE);
  out.int4(9);
  out.byte(0);
  out.int4(0);
  out.byte(SYNC);
  out.int4(LENGTH_ITSELF);
}

const LENGTH_ITSELF = 4;

/** A statement that commits the rows of many writes, and the arrays it takes, in their order. */
export type FlushStatement = {
  readonly name: string;
  readonly text: string;
  readonly parameters: readonly FlushType[];
};

/** Appends what happened to calls of all workspaces to the queue. */
export const APPENDING: FlushStatement = {
  name: 'gateway_append',
  text: 'select written, refused, why from gateway_append($1::gateway_common[], $2::gateway_event[])',
  parameters: ['gateway_common', 'gateway_event'],
};

/** Enters one workspace after the other. The arrays are cut here because each cut would cost the function a copy. */
const own = (parameter: number, type: string, kind: string): string =>
  `($${parameter}::${type}[])[b.${kind}_from : b.${kind}_to]`;
export const ENTERING: FlushStatement = {
  name: 'gateway_enter',
  text: `select f.written, f.refused, f.why from unnest($1::gateway_batch[]) b, lateral gateway_enter(b.tenant,
    $2::gateway_common[], ${own(3, 'gateway_event', 'events')}, ${own(4, 'gateway_need', 'needs')}) f`,
  parameters: ['gateway_batch', 'gateway_common', 'gateway_event', 'gateway_need'],
};

type Wire = Connection & {
  readonly stream: { write(bytes: Uint8Array): boolean };
  readonly parsedStatements: Readonly<Record<string, string>>;
  parse(statement: { name: string; text: string }): void;
};

/**
 * A flush as node-postgres runs it. Its own query would copy the megabytes of a loaded gate's parameters from buffer
 * to buffer, a new one each time.
 */
export class FlushQuery implements Submittable {
  /** node-postgres knows by these that the connection has the statement already. */
  readonly name: string;
  readonly text: string;
  callback: (fault: Error | null, flushed?: Flushed) => void;
  readonly #bytes: Uint8Array;
  #written = 0;
  readonly #refused = new Map<number, string>();
  #failed = false;

  /** `bytes` are those of {@link writeFlush}; they may be used again once `callback` was called without a fault. */
  constructor(
    { name, text }: FlushStatement,
    bytes: Uint8Array,
    callback: (fault: Error | null, flushed?: Flushed) => void,
  ) {
    this.name = name;
    this.text = text;
    this.#bytes = bytes;
    this.callback = callback;
  }

  submit(connection: Connection): void {
    const wire = connection as Wire;
    if (wire.parsedStatements[this.name] === undefined) wire.parse({ name: this.name, text: this.text });
    wire.stream.write(this.#bytes);
  }

  handleDataRow({ fields }: { fields: readonly string[] }): void {
    const [written, refused, why] = fields as [string, string, string];
    const reasons = listed(why);
    this.#written += Number(written);
    for (const [index, ord] of listed(refused).entries()) this.#refused.set(Number(ord), reasons[index]!);
  }

  handleCommandComplete(): void {}

  handleReadyForQuery(): void {
    if (!this.#failed) this.callback(null, { written: this.#written, refused: this.#refused });
  }

  handleError(fault: DatabaseError): void {
    this.#failed = true;
    this.callback(fault);
  }
}

/** Runs a flush on a connection that does nothing else; resolves when it is committed. */
export function runFlush(client: ClientBase, statement: FlushStatement, bytes: Uint8Array): Promise<Flushed> {
  return new Promise((resolve, reject) => {
    client.query(
      new FlushQuery(statement, bytes, (fault, flushed) => {
        // Within a transaction that somebody left open, nothing is durable.
        if (flushed !== undefined && client.getTransactionStatus() === 'I') resolve(flushed);
        else reject(fault ?? new StoreUnavailable('A flush was not committed'));
      }),
    );
  });
}

/** The elements of an array of plain words, as PostgreSQL writes it: `{one,two}`. */
function listed(array: string): string[] {
  return array === '{}' ? [] : array.slice(1, -1).split(',');
}
