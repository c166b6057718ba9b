import { readdir, readFile } from 'node:fs/promises';

/** A group of processes that may take so much memory together. */
type Watched = { readonly group: number; readonly maxBytes: number; readonly onOver: () => void };

const LOOK_MS = 2_000;
/** How many files are read at a time. */
const AT_ONCE = 16;

const watched = new Set<Watched>();
let timer: NodeJS.Timeout | undefined;
let isLooking = false;

/**
 * Looks now and then how much memory the processes of a group hold together, by what Linux says of them, and tells once it
 * is more than they may. All groups are looked at in one go, and nobody waits for it. What they share is counted for each.
 * Returns what ends the watching.
 */
export function watchMemory(group: number, maxBytes: number, onOver: () => void): () => void {
  const one = { group, maxBytes, onOver };
  watched.add(one);
  timer ??= setInterval(() => void look(), LOOK_MS);
  timer.unref();
  return () => {
    watched.delete(one);
    if (watched.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

async function look(): Promise<void> {
  if (isLooking) return;
  isLooking = true;
  try {
    const used = await memoryOf(new Set([...watched].map(({ group }) => group)));
    for (const { group, maxBytes, onOver } of [...watched]) if ((used.get(group) ?? 0) > maxBytes) onOver();
  } finally {
    isLooking = false;
  }
}

/** Bytes that each of these groups holds; nothing where the system says nothing. */
async function memoryOf(groups: ReadonlySet<number>): Promise<Map<number, number>> {
  const used = new Map<number, number>();
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const lookAt = async (): Promise<void> => {
    for (let pid = pids.pop(); pid !== undefined; pid = pids.pop()) {
      const group = await groupOf(pid);
      if (group === undefined || !groups.has(group)) continue;
      used.set(group, (used.get(group) ?? 0) + (await residentOf(pid)));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lookAt));
  return used;
}

async function groupOf(pid: string): Promise<number | undefined> {
  const text = await read(`/proc/${pid}/stat`);
  // The second field is the program's name, which may hold anything.
  return text === undefined ? undefined : Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[2]);
}

async function residentOf(pid: string): Promise<number> {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec((await read(`/proc/${pid}/status`)) ?? '')?.[1];
  return Number(kib ?? 0) * 1024;
}

/** Undefined for a process that has ended meanwhile. */
function read(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}
