import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { repository } from './sources.ts';

/** Runs other people's MCP clients, and snippets that use them, each in a process of its own with nothing of the tests'. */

export type Ran = { readonly code: number; readonly out: string; readonly err: string };

const require = createRequire(join(repository, 'test', 'mcp', 'package.json'));

/** A file of an installed package, whatever it exports. */
export function packageFile(name: string, path: string): string {
  const folder = require.resolve.paths(name)!.map((at) => join(at, name));
  const found = folder.find((at) => {
    try {
      require.resolve(join(at, 'package.json'));
      return true;
    } catch {
      return false;
    }
  });
  if (found === undefined) throw new Error(`${name} is not installed`);
  return join(found, path);
}

/** Runs a file with the Node of the tests. Ends what takes longer than five minutes. */
export function runNode(
  file: string,
  args: readonly string[],
  env: Record<string, string> = {},
  cwd: string = repository,
): Promise<Ran> {
  return runProgram(process.execPath, [file, ...args], env, cwd);
}

export function runProgram(
  program: string,
  args: readonly string[],
  env: Record<string, string> = {},
  cwd: string = repository,
): Promise<Ran> {
  const all = { PATH: process.env.PATH ?? '', ...env };
  return new Promise((resolve) => {
    const options = { env: all, cwd, timeout: 300_000, maxBuffer: 16 * 1024 * 1024 };
    const child = execFile(program, [...args], options, (error, out, err) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ code, out, err: error === null || err !== '' ? err : String(error) });
    });
    child.stdin?.end();
  });
}

/** A folder whose files may import what is installed here. */
export function snippetFolder(): { readonly path: string; write(name: string, text: string): string; remove(): void } {
  const path = mkdtempSync(join(repository, 'node_modules', '.cache', 'snippet-'));
  return {
    path,
    write(name, text) {
      const file = join(path, name);
      writeFileSync(file, text);
      return file;
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}
