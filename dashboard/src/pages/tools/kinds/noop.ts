import type { KindForm } from './kind-form.ts';

export const noop: KindForm = {
  runs: 'nothing (keeps the arguments)',
  handler: { first: {}, Fields: () => null },
  connector: null,
};
