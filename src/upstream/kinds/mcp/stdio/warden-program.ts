import { createInterface } from 'node:readline';

/**
 * Keeps a list of groups of processes (`+1234` and `-1234`, a line each), and ends those that are left on it when its stdin
 * ends: then whoever wrote to it is gone.
 */

const groups = new Set<number>();
const lines = createInterface({ input: process.stdin });

lines.on('line', (line) => {
  const [, sign, digits] = /^([+-])([1-9]\d{0,9})$/.exec(line) ?? [];
  if (sign === '+') groups.add(Number(digits));
  else if (sign === '-') groups.delete(Number(digits));
});
lines.on('close', () => {
  for (const group of groups) {
    try {
      process.kill(-group, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
});
