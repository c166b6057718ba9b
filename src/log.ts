import pino, { type Logger } from 'pino';
import { redactSecrets } from './kernel/redaction.ts';

/**
 * Logs are JSON lines on stderr. Whatever looks like a secret is masked, and of an error only name, message, stack
 * and cause are kept: what a database driver adds may quote a row.
 */
export function createLog(level: string): Logger {
  const log = (line: object): Record<string, unknown> => redactSecrets(line) as Record<string, unknown>;
  return pino({ level, formatters: { log } }, pino.destination({ fd: 2, sync: false }));
}
