import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import type { StdioCommand } from './allow.ts';
import { watchMemory } from './memory.ts';
import { guardGroup } from './warden.ts';

export type ProcessLimits = { readonly maxLineBytes: number; readonly maxMemoryBytes: number };
export type ProcessEvents = {
  readonly onLine: (line: string) => void;
  /** Told once, with a sentence. Nothing comes afterwards. */
  readonly onEnd: (because: string) => void;
};

const END_MS = 1_000;
const KILL_MS = 2_000;
const SAID_MAX = 300;
/** How long after its end its output may still come: whoever left its group may hold that open for ever. */
const DRAIN_MS = 500;
/** So many lines as long as they may be wait for a process that does not read them; more are not handed to it. */
const UNREAD_LINES_MAX = 4;

/**
 * One MCP server as a process of ours: no shell, an environment of its own, a directory of its own that goes with it, in a
 * group of its own so that it is ended with whatever it has started. It hears of our end by the end of its stdin, and is
 * ended by force where it does not care.
 */
export class ServerProcess {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #directory: string;
  readonly #release: () => void;
  readonly #events: ProcessEvents;
  readonly #maxUnreadBytes: number;
  readonly #ended: Promise<void>;
  #lastSaid = '';
  #because: string | undefined;
  isOpen = true;

  constructor({ command, args, env }: StdioCommand, limits: ProcessLimits, events: ProcessEvents) {
    this.#events = events;
    this.#maxUnreadBytes = limits.maxLineBytes * UNREAD_LINES_MAX;
    this.#directory = mkdtempSync(join(tmpdir(), 'countersign-mcp-'));
    this.#child = spawn(command, args, {
      cwd: this.#directory,
      env: { ...minimal(this.#directory), ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
      shell: false,
      windowsHide: true,
    });
    const child = this.#child;
    this.#ended = new Promise((resolve) => {
      child.once('error', (error) => this.#over(`It could not be started (${codeOf(error)}).`, resolve));
      child.once('close', (code, signal) => this.#over(`It ended (${signal ?? `code ${code}`}).`, resolve));
    });
    child.once('exit', () => {
      // Whatever it has started ends with it.
      this.#signal('SIGKILL');
      setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
      }, DRAIN_MS);
    });
    child.stdin.on('error', () => {});
    child.stdout.on('error', () => {});
    readLines(child, limits.maxLineBytes, events.onLine, () =>
      this.#kill('It wrote a line that is longer than is read.'),
    );
    child.stderr.on('data', (chunk: Buffer) => {
      this.#lastSaid = (this.#lastSaid + chunk.toString()).slice(-SAID_MAX * 4);
    });
    this.#release = child.pid === undefined ? () => {} : this.#watch(child.pid, limits.maxMemoryBytes);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  #watch(group: number, maxBytes: number): () => void {
    const release = guardGroup(group);
    const forget = watchMemory(group, maxBytes, () =>
      this.#kill(`It took more than ${maxBytes / 1024 ** 2} MiB of memory.`),
    );
    return () => {
      forget();
      release();
    };
  }

  /** Whether the line was handed to the process. */
  write(line: string): boolean {
    const { stdin } = this.#child;
    if (!this.isOpen || !stdin.writable || stdin.writableLength > this.#maxUnreadBytes) return false;
    stdin.write(`${line}\n`);
    return true;
  }

  /** Ends it: by the end of its stdin, then by asking, then by force. */
  async end(): Promise<void> {
    this.#because ??= 'It was ended.';
    this.#child.stdin.end();
    const asked = setTimeout(() => this.#signal('SIGTERM'), END_MS);
    const forced = setTimeout(() => this.#signal('SIGKILL'), END_MS + KILL_MS);
    await this.#ended;
    clearTimeout(asked);
    clearTimeout(forced);
  }

  #kill(because: string): void {
    this.#because ??= because;
    this.#signal('SIGKILL');
  }

  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch {
      this.#child.kill(signal);
    }
  }

  #over(because: string, resolve: () => void): void {
    if (this.isOpen) {
      this.isOpen = false;
      this.#release();
      rmSync(this.#directory, { recursive: true, force: true });
      const last = this.#lastSaid.trimEnd().split('\n').at(-1)!.trim().slice(0, SAID_MAX);
      this.#events.onEnd(`${this.#because ?? because}${last === '' ? '' : ` It last said: ${JSON.stringify(last)}`}`);
    }
    resolve();
  }
}

/** What any program needs to run, and nothing of what this process was given. */
function minimal(directory: string): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '/usr/bin:/bin',
    HOME: directory,
    TMPDIR: directory,
    LANG: 'C.UTF-8',
    ...(process.platform === 'win32' && { SYSTEMROOT: process.env.SYSTEMROOT ?? '' }),
  };
}

function readLines(
  { stdout }: ChildProcessWithoutNullStreams,
  maxBytes: number,
  onLine: (line: string) => void,
  onTooLong: () => void,
): void {
  const decoder = new StringDecoder('utf8');
  let parts: string[] = [];
  let length = 0;
  stdout.on('data', (chunk: Buffer) => {
    const lines = decoder.write(chunk).split('\n');
    const rest = lines.pop()!;
    for (const line of lines) {
      const whole = parts.join('') + line;
      parts = [];
      length = 0;
      if (whole.length > maxBytes) return onTooLong();
      if (whole.trim() !== '') onLine(whole);
    }
    parts.push(rest);
    length += rest.length;
    if (length > maxBytes) {
      parts = [];
      length = 0;
      onTooLong();
    }
  });
}

function codeOf(error: Error & { readonly code?: unknown }): string {
  return typeof error.code === 'string' ? error.code : error.name;
}
