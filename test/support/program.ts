import { join } from 'node:path';
import { repository } from './sources.ts';

/** What runs `countersign`, by the Node of the tests. */
export const PROGRAM = join(repository, 'src/cli/main.ts');

/** The environment of a `countersign` of its own: nothing of the tests' but where compiled code is kept, as its launcher has it. */
export function programEnv(env: Readonly<Record<string, string | undefined>>): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    NODE_COMPILE_CACHE: join(repository, 'node_modules', '.cache', 'compile'),
    ...env,
  };
}
