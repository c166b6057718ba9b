import { fdatasyncSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';
import { completeUntil, isClosed, isTermination } from './wire-messages.ts';

/**
 * The embedded PostgreSQL, on a thread of its own so that a slow query never stalls a request.
 * It speaks the wire protocol over the parent port: bytes in, bytes out. An engine that breaks ends its thread.
 */

export type WorkerInput = {
  /** Null keeps everything in memory. */
  readonly dataDir: string | null;
  /** How many groups of messages were begun, and how many answered: whoever watches sees one that takes too long. */
  readonly progress: Int32Array;
};
/** What the thread says besides bytes. */
export type WorkerWord = { readonly kind: 'ready' } | { readonly kind: 'broken'; readonly reason: string };

type Module = Parameters<NodeFS['init']>[1];
type Attributes = { readonly mode?: number };
type FileSystem = {
  stream_ops: { fsync?: (stream: { nfd: number }) => number };
  doSetAttr: (at: unknown, node: unknown, attributes: Attributes, ...how: unknown[]) => void;
};

const port = parentPort!;
const { dataDir, progress } = workerData as WorkerInput;
/** PGlite ends a statement that failed with this status (PostgreSQL's longjmp), and goes on. */
const STATEMENT_FAILED = 100;
/** The last thing PostgreSQL said before it gave up. Lines below PANIC and FATAL may quote rows. */
let lastWords: string | undefined;

function broken(reason: unknown): never {
  const word: WorkerWord = { kind: 'broken', reason: lastWords ?? String(reason) };
  port.postMessage(word);
  process.exit(1);
}

/**
 * PGlite takes every exception for a statement that failed and calls PostgreSQL again, for ever when it cannot answer any
 * more. After anything else than a failed statement, nothing that it holds in memory can be trusted.
 */
function endWhenBroken(mod: { _PostgresMainLoopOnce: () => void }): void {
  const once = mod._PostgresMainLoopOnce;
  mod._PostgresMainLoopOnce = () => {
    try {
      once();
    } catch (fault) {
      if ((fault as { status?: number }).status !== STATEMENT_FAILED) broken(fault);
      throw fault;
    }
  };
}

/**
 * PGlite's file system, with what it lacks. Without fsync PostgreSQL's own at commit reaches nothing, and a power cut loses
 * acknowledged commits. And it gives each new file the mode it was asked for whatever the umask, so that some can be
 * written by everybody.
 */
class DurableFS extends NodeFS {
  override async init(pg: PGlite, opts: Module): Promise<{ emscriptenOpts: Module }> {
    const { emscriptenOpts } = await super.init(pg, opts);
    const preRun = [...(emscriptenOpts.preRun ?? [])];
    preRun.push((mod: { NODEFS: unknown; _PostgresMainLoopOnce: () => void }) => {
      const files = mod.NODEFS as FileSystem;
      files.stream_ops.fsync = ({ nfd }) => {
        fdatasyncSync(nfd);
        return 0;
      };
      const { doSetAttr } = files;
      files.doSetAttr = (at, node, attributes, ...how) => {
        const { mode } = attributes;
        doSetAttr(at, node, mode === undefined ? attributes : { ...attributes, mode: mode & ~0o077 }, ...how);
      };
      endWhenBroken(mod);
    });
    return { emscriptenOpts: { ...emscriptenOpts, preRun } };
  }
}

const startParams = [
  ...PGlite.defaultStartParams.filter((param) => param !== '-F'),
  // Every page held is memory for good, and reading one from the operating system's cache takes microseconds.
  ...['-c', 'shared_buffers=16MB', '-c', 'wal_buffers=4MB'],
  ...['-c', 'wal_sync_method=fsync', '-c', 'timezone=UTC'],
];
const db = new PGlite({
  ...(dataDir !== null && { fs: new DurableFS(dataDir) }),
  startParams,
  onStderr(line) {
    const said = /(?:PANIC|FATAL):\s+(.*)/.exec(line);
    if (said !== null) lastWords = said[1]!.slice(0, 300);
    return false;
  },
});
await db.waitReady.catch(broken);
const ready: WorkerWord = { kind: 'ready' };
port.postMessage(ready);

const ANSWER_PART = 64 * 1024;
/** Gathers an answer, which comes in pieces of at most 8 kB that are the engine's own memory. */
const answer = Buffer.allocUnsafeSlow(ANSWER_PART);
let answered = 0;

function send(bytes: Uint8Array): void {
  const copy = new Uint8Array(bytes);
  port.postMessage(copy, [copy.buffer]);
}

function onRawData(bytes: Uint8Array): void {
  if (answered + bytes.length > ANSWER_PART) flush();
  if (bytes.length > ANSWER_PART) {
    send(bytes);
    return;
  }
  answer.set(bytes, answered);
  answered += bytes.length;
}

function flush(): void {
  if (answered === 0) return;
  send(answer.subarray(0, answered));
  answered = 0;
}

let started = false;
let buffered: Buffer = Buffer.alloc(0);

port.on('message', (chunk: Uint8Array | 'close') => {
  if (chunk === 'close') {
    void db.close().then(() => port.close());
    return;
  }
  buffered =
    buffered.length === 0
      ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
      : Buffer.concat([buffered, chunk]);
  const end = completeUntil(buffered, started);
  if (end === 0) return;
  if (started) {
    if (isTermination(buffered)) return;
    if (!isClosed(buffered, end)) return;
  }
  started = true;
  const message = buffered.subarray(0, end);
  buffered = buffered.subarray(end);
  Atomics.add(progress, 0, 1);
  // Everything it does, it has done when it returns; its promise only tells of a fault. Its other ways to run a message
  // keep every answer for good (PGlite 0.5.16).
  db.execProtocolRawStream(message, { syncToFs: false, onRawData }).catch(broken);
  flush();
  Atomics.add(progress, 1, 1);
});
