import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files and folders that take a minute and more, the longest first. */
const LONG = [
  'test/browser/in-use',
  'test/browser/',
  'test/races',
  'test/faults/',
  'test/start-messages',
  'test/main-job',
  'test/model/',
];

/**
 * Two projects. `unit` needs nothing outside the process and runs in seconds (`npm run check`). `whole` has the rest:
 * files named `*.db.test.ts`, and everything under test/ but the checks of the repository itself; it gets a
 * PostgreSQL and a Redis from test/support/provide-services.ts.
 */
const repository = ['test/architecture.test.ts', 'test/docs.test.ts', 'test/scripts.test.ts'];
const needsServices = ['src/**/*.db.test.ts', 'bench/**/*.db.test.ts'];

/** What takes longest begins first, so that no worker is left with a long file when the others have ended. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => LONG.findIndex((part) => moduleId.includes(part));
    const sorted = await super.sort(files);
    const early = sorted.filter((file) => rank(file) >= 0).sort((a, b) => rank(a) - rank(b));
    return [...early, ...sorted.filter((file) => rank(file) < 0)];
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    // Two cores are what CI has; with a third worker browsers miss key presses and time-outs.
    maxWorkers: 2,
    pool: 'forks',
    testTimeout: 120_000,
    hookTimeout: 180_000,
    // A busy machine answers late, not wrongly.
    expect: { poll: { timeout: 20_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'dashboard/src/**/*.test.ts', 'bench/**/*.test.ts', ...repository],
          exclude: [...needsServices, '**/node_modules/**'],
        },
      },
      {
        extends: true,
        test: {
          name: 'whole',
          include: [...needsServices, 'test/**/*.test.ts'],
          exclude: [...repository, '**/node_modules/**'],
          globalSetup: ['test/support/provide-services.ts'],
        },
      },
    ],
  },
});
