import { ON_BEHALF_OF_MAX, RUN_ID } from '../../kernel/runs.ts';
import type { Json } from './formats.ts';

/** How a call says which run it belongs to and whom it is made for, in every door (api/about-call.ts). */

const runId: Json = { type: 'string', pattern: RUN_ID };

export const ABOUT_MEMBERS = {
  run_id: { ...runId, description: 'The run that the call belongs to.' },
  on_behalf_of: {
    type: 'string',
    minLength: 1,
    maxLength: ON_BEHALF_OF_MAX,
    description: 'Whom the call is made for.',
  },
} satisfies Json;

export const ABOUT_HEADERS: readonly Json[] = [
  { name: 'Countersign-Run-Id', in: 'header', schema: runId, description: 'The same as run_id in the body.' },
  {
    name: 'Countersign-On-Behalf-Of',
    in: 'header',
    schema: { type: 'string', pattern: `^[ -~]{1,${ON_BEHALF_OF_MAX}}$` },
    description: 'The same as on_behalf_of in the body; visible ASCII.',
  },
];
