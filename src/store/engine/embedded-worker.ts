import { fdatasyncSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';

/**
 * The embedded PostgreSQL, on a thread of its own so that a slow query never stalls a request.
 * It speaks the wire protocol over the parent port: bytes in, bytes out.
 */

type Module = Parameters<NodeFS['init']>[1];
type SyncableStreams = { stream_ops: { fsync?: (stream: { nfd: number }) => number } };

/**
 * PGlite's file system, with the one operation it lacks: without it PostgreSQL's own fsync at commit
 * reaches nothing, and a power cut loses acknowledged commits.
 */
class DurableFS extends NodeFS {
  override async init(pg: PGlite, opts: Module): Promise<{ emscriptenOpts: Module }> {
    const { emscriptenOpts } = await super.init(pg, opts);
    const preRun = [...(emscriptenOpts.preRun ?? [])];
    preRun.push((mod: { NODEFS: unknown }) => {
      (mod.NODEFS as unknown as SyncableStreams).stream_ops.fsync = ({ nfd }) => {
        fdatasyncSync(nfd);
        return 0;
      };
    });
    return { emscriptenOpts: { ...emscriptenOpts, preRun } };
  }
}

const port = parentPort!;
const startParams = [
  ...PGlite.defaultStartParams.filter((param) => param !== '-F'),
  ...['-c', 'wal_sync_method=fsync', '-c', 'timezone=UTC'],
];
const { dataDir } = workerData as { dataDir: string | null };
const db = new PGlite(dataDir === null ? { startParams } : { fs: new DurableFS(dataDir), startParams });
await db.waitReady;
port.postMessage(null);

/** Where the complete messages in `bytes` end, or 0. Only the very first message has no type byte. */
function completeUntil(bytes: Buffer, typed: boolean): number {
  let end = 0;
  const header = typed ? 1 : 0;
  while (bytes.length - end >= header + 4) {
    const next = end + header + bytes.readInt32BE(end + header);
    if (next > bytes.length) break;
    end = next;
    if (!typed) break;
  }
  return end;
}

const SYNC = 0x53;
const QUERY = 0x51;
const TERMINATE = 0x58;
let started = false;
let buffered: Buffer = Buffer.alloc(0);

port.on('message', (chunk: Uint8Array | 'close') => {
  if (chunk === 'close') {
    void db.close().then(() => port.close());
    return;
  }
  buffered = buffered.length === 0 ? Buffer.from(chunk) : Buffer.concat([buffered, chunk]);
  const end = completeUntil(buffered, started);
  if (end === 0) return;
  if (!started) {
    started = true;
  } else {
    const type = buffered[0];
    if (type === TERMINATE) return;
    // Parse, Bind, Describe and Execute arrive one by one; run them together once Sync closes the group.
    const closed = type === QUERY || (end >= 5 && buffered[end - 5] === SYNC && buffered.readInt32BE(end - 4) === 4);
    if (!closed) return;
  }
  const message = buffered.subarray(0, end);
  buffered = buffered.subarray(end);
  const answer = db.execProtocolRawSync(message);
  // The engine's own buffer, of which an answer may be a part, stays here.
  const whole = answer.byteLength === answer.buffer.byteLength ? answer : answer.slice();
  port.postMessage(whole, [whole.buffer as ArrayBuffer]);
});
