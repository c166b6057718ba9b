import { parseArgs } from 'node:util';

const SECTIONS = ['calls', 'mcp', 'workspaces', 'approvals', 'parts'] as const;
export type Section = (typeof SECTIONS)[number];

export type Options = {
  readonly mode: 'compare' | 'long' | 'profile';
  readonly quick: boolean;
  readonly sections: ReadonlySet<Section>;
};

export const USAGE = `npm run bench                      everything but the long run, under 10 minutes
npm run bench -- --quick           the same, about a minute
npm run bench -- --only calls,parts   some of: ${SECTIONS.join(', ')}
npm run bench -- --profile         where each microsecond of a call goes
npm run bench -- --long            200,000 calls on each engine: does anything grow?
`;

/** Reads the arguments; a mistake is an Error whose message says what there is. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      long: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
      only: { type: 'string', default: SECTIONS.join() },
    },
  });
  const sections = new Set(values.only.split(',')) as Set<Section>;
  const unknown = [...sections].filter((section) => !SECTIONS.includes(section));
  if (unknown.length > 0) throw new Error(`--only takes ${SECTIONS.join(', ')}, not ${unknown.join(', ')}`);
  const mode = values.long ? 'long' : values.profile ? 'profile' : 'compare';
  return { mode, quick: values.quick, sections };
}
