import pino, { type Logger } from 'pino';
import { AccessLine } from './kernel/access-line.ts';
import { redactSecrets } from './kernel/redaction.ts';

/**
 * Logs are JSON lines on stderr, with times in ISO 8601. Whatever looks like a secret is masked, and of an error only
 * name, message, stack and cause are kept: what a database driver adds may quote a row.
 */
export function createLog(level: string): Logger {
  // Most lines of a loaded gate are of requests, and hold nothing to mask.
  const log = (line: object): Record<string, unknown> =>
    (line instanceof AccessLine ? line : redactSecrets(line)) as Record<string, unknown>;
  const timestamp = pino.stdTimeFunctions.isoTime;
  return pino({ level, timestamp, formatters: { log } }, pino.destination({ fd: 2, sync: false }));
}
