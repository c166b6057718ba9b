import { totalmem } from 'node:os';

const MEBIBYTE = 1024 * 1024;
/** What a process with the embedded database takes at most; docs/operations.md has the measurements. */
const NEEDED_MIB = 1024;
/** What it takes without optimized code, and its first start. */
const LEAST_MIB = 640;

/**
 * A sentence when this machine, or the container this process is in, has less memory than the embedded database takes:
 * otherwise the system would end the process without a word. Pages and swap of others are not looked at.
 */
export function memoryWarning(
  availableBytes: number = Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY),
): string | undefined {
  const available = Math.floor(availableBytes / MEBIBYTE);
  if (available >= NEEDED_MIB) return undefined;
  const found = `The embedded database takes up to ${NEEDED_MIB} MiB of memory at full speed and there are ${available} MiB`;
  return available >= LEAST_MIB
    ? `${found}: it runs without optimized code, which is slower.`
    : `${found}: below ${LEAST_MIB} MiB the system may end this process without a word. Give it more, or set ` +
        'DATABASE_URL to a PostgreSQL server.';
}
