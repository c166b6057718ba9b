import { randomUUID } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';

export type Mail = { id: string; to: string[]; subject: string; body: string; sent_at: string };
export type Refund = {
  id: string;
  order_id: string;
  amount: number;
  currency: string;
  reason: string;
  refunded_at: string;
};
export type Page = { id: string; title: string; body: string; version: number; published_at: string };
export type DemoRecord = { id: string; name: string };
export type KeptAnswer = { fingerprint: string; status: number; body: unknown };

/** Everything the demo upstream remembers; plain JSON. */
export type DemoState = {
  outbox: Mail[];
  refunds: Refund[];
  pages: Record<string, Page>;
  records: DemoRecord[];
  /** Answers by Idempotency-Key, oldest first. */
  answers: [key: string, answer: KeptAnswer][];
};

/** The state of a demo that has not been used yet: twenty records to delete, nothing else. */
export function emptyState(): DemoState {
  const records = Array.from({ length: 20 }, (_, index) => ({ id: `rec_${index + 1}`, name: `Record ${index + 1}` }));
  return { outbox: [], refunds: [], pages: {}, records, answers: [] };
}

/**
 * Reads the state file; an absent file is an empty state.
 * @throws SyntaxError or a file system error: a damaged file is not silently replaced.
 */
export async function loadState(file: string): Promise<DemoState> {
  try {
    return { ...emptyState(), ...(JSON.parse(await readFile(file, 'utf8')) as Partial<DemoState>) };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return emptyState();
    throw error;
  }
}

/**
 * Gives a function that writes the state as of its call to the file and resolves when that, or a later
 * state, is there. Changes that arrive during a write share the next one. The file is replaced by rename,
 * so a killed process leaves the old or the new state, never half of one.
 */
export function stateWriter(file: string, state: DemoState): () => Promise<void> {
  let running: Promise<void> | null = null;
  let next: Promise<void> | null = null;
  const write = async (): Promise<void> => {
    const temporary = `${file}.${randomUUID()}.tmp`;
    await writeFile(temporary, JSON.stringify(state), { mode: 0o600 });
    await rename(temporary, file);
  };
  return () => {
    if (next !== null) return next;
    const after = running ?? Promise.resolve();
    next = after
      .catch(() => {})
      .then(() => {
        running = next;
        next = null;
        return write();
      });
    return next;
  };
}
