import { readdirSync, readFileSync } from 'node:fs';

/**
 * Bytes of memory that the processes of a group hold together, by what Linux says of them; 0 where it says nothing. What
 * they share is counted for each.
 */
export function groupMemory(group: number): number {
  let names: string[];
  try {
    names = readdirSync('/proc');
  } catch {
    return 0;
  }
  let bytes = 0;
  for (const name of names) if (/^\d+$/.test(name) && groupOf(name) === group) bytes += residentOf(name);
  return bytes;
}

function groupOf(pid: string): number | undefined {
  const text = read(`/proc/${pid}/stat`);
  // The second field is the program's name, which may hold anything.
  return text === undefined ? undefined : Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[2]);
}

function residentOf(pid: string): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1];
  return Number(kib ?? 0) * 1024;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
