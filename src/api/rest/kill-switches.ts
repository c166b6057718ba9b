import { breakGlass, endBreakGlass } from '../../governance/kill-switches/break-glass.ts';
import { flipKillSwitch } from '../../governance/kill-switches/flip.ts';
import { liftKillSwitch } from '../../governance/kill-switches/lift.ts';
import { previewKillSwitch } from '../../governance/kill-switches/preview.ts';
import { listKillSwitches } from '../../governance/kill-switches/read.ts';
import {
  breakGlassInput,
  flipInput,
  killSwitchView,
  liftQuery,
  listSwitchesQuery,
  previewQuery,
  previewView,
} from '../../governance/kill-switches/schemas.ts';
import { pageSchema } from '../../kernel/page.ts';
import { type Route, route } from '../route.ts';
import { bodyOf, nothingOf } from './answers.ts';

const tag = 'Kill switches';

export const killSwitchRoutes: Route[] = [
  route({
    method: 'get',
    path: '/v1/kill-switches',
    summary: 'The switches that are on, and those that were',
    tag,
    permission: 'kill_switches.read',
    query: listSwitchesQuery,
    response: { status: 200, schema: pageSchema(killSwitchView) },
    handle: async ({ tx, query }) => ({ body: await listKillSwitches(tx, query) }),
  }),
  route({
    method: 'get',
    path: '/v1/kill-switches/preview',
    summary: 'What a switch would stop now',
    tag,
    permission: 'kill_switches.read',
    query: previewQuery,
    response: { status: 200, schema: previewView },
    handle: async ({ tx, query }) => bodyOf(await previewKillSwitch(tx, query)),
  }),
  route({
    method: 'post',
    path: '/v1/kill-switches',
    summary: 'Stop the workspace, a tool, an agent or a client',
    tag,
    permission: 'kill_switches.manage',
    body: flipInput,
    response: { status: 201, schema: killSwitchView },
    handle: async ({ tx, caller, body }) => bodyOf(await flipKillSwitch({ tx, actor: caller.actor }, body)),
  }),
  route({
    method: 'post',
    path: '/v1/kill-switches/{id}/break-glass',
    summary: 'Let calls pass a switch for a limited time, although it stays on',
    tag,
    permission: 'kill_switches.break_glass',
    params: { id: 'kill_switch' },
    body: breakGlassInput,
    response: { status: 201, schema: killSwitchView },
    handle: async ({ tx, caller, params, body }) =>
      bodyOf(await breakGlass({ tx, actor: caller.actor }, { id: params.id!, ...body })),
  }),
  route({
    method: 'delete',
    path: '/v1/kill-switches/{id}/break-glass',
    summary: 'Let a switch stop calls again before that time is over',
    tag,
    permission: 'kill_switches.manage',
    params: { id: 'kill_switch' },
    response: { status: 200, schema: killSwitchView },
    handle: async ({ tx, caller, params }) => bodyOf(await endBreakGlass({ tx, actor: caller.actor }, params.id!)),
  }),
  route({
    method: 'delete',
    path: '/v1/kill-switches/{id}',
    summary: 'Lift a switch',
    tag,
    permission: 'kill_switches.manage',
    params: { id: 'kill_switch' },
    query: liftQuery,
    response: { status: 204 },
    handle: async ({ tx, caller, params, query }) =>
      nothingOf(await liftKillSwitch({ tx, actor: caller.actor }, { id: params.id!, reason: query.reason })),
  }),
];
