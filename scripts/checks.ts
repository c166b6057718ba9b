import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './bootstrap/child.mjs';
import { bin, childEnv, node24, root } from './bootstrap/runtime.mjs';

export type Check = { readonly name: string; readonly run: () => Promise<{ code: number; output: string }> };

/** What is checked without running a test: each has a name and resolves `{ code, output }`. */
export function checks(): Check[] {
  const tool = (name: string, args: readonly string[]): Check => ({
    name,
    run: () => run(node24(), args, { cwd: root, env: childEnv() }),
  });
  const list = [
    tool('types', [bin('typescript', 'tsc'), '-p', '.']),
    tool('lint', [bin('@biomejs/biome', 'biome'), 'ci', '--colors=off', '--max-diagnostics=50', '.']),
  ];
  if (existsSync(join(root, 'dashboard', 'tsconfig.json'))) {
    list.push(tool('dashboard types', [bin('typescript', 'tsc'), '-p', 'dashboard', '--noEmit']));
  }
  return list;
}
