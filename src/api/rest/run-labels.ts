import { z } from 'zod';
import { clearRunLabels } from '../../governance/runs/clear.ts';
import { listRunLabels } from '../../governance/runs/read.ts';
import { clearLabelsInput, runLabelsQuery, runLabelsView } from '../../governance/runs/schemas.ts';
import { type Route, route } from '../route.ts';

const tag = 'Clients';
const params = { id: 'client' } as const;

export const runLabelRoutes: Route[] = [
  route({
    method: 'get',
    path: '/v1/clients/{id}/run-labels',
    summary: 'The runs of a client that have labels, at most 100, the one labelled last first',
    tag,
    permission: 'clients.read',
    params,
    query: runLabelsQuery,
    response: { status: 200, schema: z.object({ items: z.array(runLabelsView) }) },
    handle: async ({ tx, params, query }) => ({
      body: { items: await listRunLabels(tx, { ...query, clientId: params.id! }) },
    }),
  }),
  route({
    method: 'post',
    path: '/v1/clients/{id}/run-labels/clear',
    summary: 'Take the labels off one run of a client, off the open run of one token, or off all its runs',
    tag,
    permission: 'clients.manage',
    params,
    body: clearLabelsInput,
    response: { status: 200, schema: z.object({ cleared: z.int().describe('From how many runs.') }) },
    handle: async ({ tx, caller, params, body }) => ({
      body: await clearRunLabels({ tx, actor: caller.actor }, { ...body, clientId: params.id! }),
    }),
  }),
];
