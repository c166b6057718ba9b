import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './child.mjs';
import { bin, childEnv, node24, root } from './runtime.mjs';

/** What is checked without running a test: each has a name and resolves `{ code, output }`. */
export function checks() {
  const tool = (name, args) => ({
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
