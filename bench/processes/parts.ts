import { Store } from '../../src/store/store.ts';
import { transact } from '../../src/store/transact.ts';
import { seed } from '../gate/seed.ts';
import { limitParts } from '../parts/limits.ts';
import type { Part } from '../parts/part.ts';
import { pureParts } from '../parts/pure.ts';
import { rulingParts } from '../parts/ruling.ts';
import { storedParts } from '../parts/stored.ts';
import { serve } from './channel.ts';

/** The parts of the path by themselves, in a process that does nothing else. */

export type PartFigures = Pick<Part, 'name' | 'unit'> & { readonly values: readonly number[] };

const verbs = {
  /** Measures every part `repeats` times, one round after the other. */
  async run(input: {
    databaseUrl: string | undefined;
    dataDir: string;
    redisUrl: string | undefined;
    workspaces: number;
    partMs: number;
    repeats: number;
    sequencerEntries: number;
  }): Promise<PartFigures[]> {
    const { dataDir, partMs } = input;
    const stores = [
      ...(input.databaseUrl === undefined ? [] : [await Store.open({ databaseUrl: input.databaseUrl, dataDir })]),
      await Store.open({ dataDir }),
    ];
    const limits = limitParts(input.redisUrl);
    const parts = [...pureParts(), ...rulingParts(), ...limits.parts];
    for (const store of stores) {
      const app = { store, transact: transact.bind(null, store) as never };
      const { workspaces } = await seed(app, 9, input.workspaces);
      parts.push(...(await storedParts(store, workspaces, input.sequencerEntries)));
    }
    const values = parts.map(() => [] as number[]);
    for (const part of parts) await part.measure(partMs / 2);
    for (let repeat = 0; repeat < input.repeats; repeat++) {
      for (const [index, part] of parts.entries()) values[index]!.push(await part.measure(partMs));
    }
    await limits.close();
    for (const store of stores) await store.close();
    return parts.map(({ name, unit }, index) => ({ name, unit, values: values[index]! }));
  },
};
export type PartsVerbs = typeof verbs;

serve(verbs);
