import { spawn } from 'node:child_process';

const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Calls `handler` for the first stop signal and swallows further ones. Returns a function that puts the default
 * behaviour back and tells which signal came, if one did.
 *
 * @param {(signal: NodeJS.Signals) => void} handler
 * @returns {() => NodeJS.Signals | undefined}
 */
export function onSignals(handler) {
  let received;
  const listener = (signal) => {
    if (received) return;
    received = signal;
    handler(signal);
  };
  for (const signal of STOP_SIGNALS) process.on(signal, listener);
  return () => {
    for (const signal of STOP_SIGNALS) process.off(signal, listener);
    return received;
  };
}

const running = new Set();

/** Asks every child that `run` started and that still runs to end. */
export function stopChildren() {
  for (const child of running) child.kill('SIGTERM');
}

/**
 * Runs a command to its end. Resolves `{ code, output }`, with stdout and stderr as one text; with `echo` they go to
 * the terminal instead. A command that cannot be started has code 127.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, echo?: boolean }} options
 * @returns {Promise<{ code: number, output: string }>}
 */
export function run(command, args, { cwd, env = process.env, echo = false } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: ['ignore', ...(echo ? ['inherit', 'inherit'] : ['pipe', 'pipe'])],
    });
    const output = [];
    running.add(child);
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => output.push(chunk));
    const finish = (code) => {
      running.delete(child);
      resolve({ code, output: Buffer.concat(output).toString('utf8') });
    };
    child.once('error', (error) => {
      output.push(Buffer.from(`${error.message}\n`));
      finish(127);
    });
    child.once('close', (code) => finish(code ?? 1));
  });
}
