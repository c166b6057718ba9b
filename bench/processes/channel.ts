import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * How the benchmark talks to its processes: verbs with one input and one answer over the IPC channel of
 * `child_process.fork`, structured-cloned, so that bytes and typed arrays travel as they are.
 */
export type Verbs = { readonly [verb: string]: (input: never) => unknown };

/** The verbs of a process as the other side calls them. */
export type Remote<V> = {
  readonly [K in keyof V]: V[K] extends (...input: infer I) => infer R ? (...input: I) => Promise<Awaited<R>> : never;
};

/** A started process. `stop` lets it end by itself for 15 s, then kills it. */
export type Started<V> = {
  readonly name: string;
  readonly pid: number;
  readonly call: Remote<V>;
  stop(): Promise<void>;
};

type Question = { readonly id: number; readonly verb: string; readonly input: unknown };
type Reply = { readonly id: number; readonly value?: unknown; readonly fault?: string };

const STOP_MAX_MS = 15_000;
const PLAIN = ['--disable-warning=ExperimentalWarning'];

/** Serves verbs to the process that started this one, and ends when that one is gone. */
export function serve(verbs: Verbs, stop: () => Promise<void> = async () => {}): void {
  process.on('message', ({ id, verb, input }: Question) => {
    const work = async (): Promise<unknown> => {
      const known = verbs[verb];
      if (known === undefined) throw new Error(`There is no verb ${verb}`);
      return known(input as never);
    };
    work().then(
      (value) => process.send?.({ id, value } satisfies Reply),
      (fault: unknown) => process.send?.({ id, fault: fault instanceof Error ? fault.stack : String(fault) }),
    );
  });
  process.once('disconnect', () => {
    stop().then(
      () => process.exit(0),
      (fault: unknown) => {
        process.stderr.write(`${fault instanceof Error ? fault.stack : fault}\n`);
        process.exit(1);
      },
    );
  });
  // A Ctrl-C is for the benchmark itself; it disconnects, and then this process ends in order.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {});
}

/** Starts `bench/processes/<name>.ts` on plain Node. A call to a process that has died rejects. */
export function startProcess<V extends Verbs>(name: string, nodeFlags: readonly string[] = PLAIN): Started<V> {
  const child = fork(fileURLToPath(new URL(`./${name}.ts`, import.meta.url)), {
    execArgv: [...nodeFlags],
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const waiting = new Map<number, { resolve(value: unknown): void; reject(fault: Error): void }>();
  let lastId = 0;
  child.on('message', (reply: Reply) => {
    const asked = waiting.get(reply.id);
    waiting.delete(reply.id);
    if (reply.fault === undefined) asked?.resolve(reply.value);
    else asked?.reject(new Error(`${name}: ${reply.fault}`));
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  void exited.then(() => {
    for (const { reject } of waiting.values()) reject(new Error(`${name} ended`));
    waiting.clear();
  });
  const ask = (verb: string, input: unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (!child.connected) return reject(new Error(`${name} has ended`));
      const id = ++lastId;
      waiting.set(id, { resolve, reject });
      child.send({ id, verb, input } satisfies Question);
    });
  const call = new Proxy({}, { get: (_, verb: string) => (input: unknown) => ask(verb, input) });
  return { name, pid: child.pid!, call: call as Remote<V>, stop: () => end(child, exited) };
}

async function end(child: ChildProcess, exited: Promise<void>): Promise<void> {
  if (child.connected) child.disconnect();
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_MAX_MS);
  await exited;
  clearTimeout(late);
}
