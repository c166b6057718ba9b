import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { ApiProblem, ask } from '../../api/http.ts';
import type { ClientView, ConnectorView, CreatedTokenView, GrantView, ToolView } from '../../api/types.ts';
import { useSlug } from '../../workspace.tsx';

/** What the guided form says. */
export type Plan = {
  readonly baseUrl: string;
  readonly method: string;
  readonly path: string;
  readonly tool: string;
  readonly effect: string;
  readonly schema: Record<string, unknown>;
  readonly client: string;
};

/** Which part of the way a refusal was about. */
export type Part = 'connector' | 'tool' | 'client';

export class PartProblem extends Error {
  readonly part: Part;
  readonly problem: unknown;

  constructor(part: Part, problem: unknown) {
    super('A part was refused.');
    this.part = part;
    this.problem = problem;
  }
}

export type Made = { readonly tool: ToolView; readonly client: ClientView; readonly token: CreatedTokenView };

/** What exists already from an earlier try, with what it was made of. */
type Kept = { [K in 'connector' | 'tool' | 'client' | 'grant']?: { readonly id: string; readonly from: string } };

const NAMES_TRIED = 9;
const FAMILIES = ['connectors', 'tools', 'clients'];

/**
 * Makes connector, tool, client, grant and token, one after the other. Tried again after a refusal, it goes on where
 * it was, and changes what is there to what the form says now.
 */
export function useMake(done: (made: Made) => void) {
  const slug = useSlug();
  const queryClient = useQueryClient();
  const kept = useRef<Kept>({});

  async function put<T extends { id: string }>(what: keyof Kept, path: string, body: object): Promise<T> {
    const before = kept.current[what];
    const from = JSON.stringify(body);
    const send = (method: 'GET' | 'POST' | 'PATCH', at: string, sent?: object): Promise<T> =>
      ask<T>(at, { method, workspace: slug, ...(sent && { body: sent }) });
    const made =
      before === undefined
        ? await send('POST', path, body)
        : before.from === from
          ? await send('GET', `${path}/${before.id}`)
          : await send('PATCH', `${path}/${before.id}`, changeable(what, body));
    kept.current[what] = { id: made.id, from };
    return made;
  }

  /** Connectors have names of their own each; the host is one, unless it is taken. */
  async function connect(baseUrl: string): Promise<ConnectorView> {
    const host = hostOf(baseUrl);
    for (let nth = 1; ; nth += 1) {
      const name = nth === 1 ? host : `${host} ${nth}`;
      try {
        return await put<ConnectorView>('connector', '/v1/connectors', {
          name,
          kind: 'http',
          config: { base_url: baseUrl },
        });
      } catch (problem) {
        const isTaken = problem instanceof ApiProblem && problem.code === 'conflict';
        if (!isTaken || nth === NAMES_TRIED) throw problem;
      }
    }
  }

  const make = useMutation<Made, unknown, Plan>({
    networkMode: 'always',
    async mutationFn(plan) {
      const connector = await of('connector', connect(plan.baseUrl.trim()));
      const tool = await of(
        'tool',
        put<ToolView>('tool', '/v1/tools', {
          name: plan.tool,
          effect: plan.effect,
          input_schema: plan.schema,
          handler_kind: 'http',
          connector_id: connector.id,
          handler_config: { method: plan.method, path: plan.path },
        }),
      );
      const client = await of('client', put<ClientView>('client', '/v1/clients', { name: plan.client.trim() }));
      await of('client', grant(client.id, tool.id));
      const token = await of(
        'client',
        ask<CreatedTokenView>(`/v1/clients/${client.id}/tokens`, {
          method: 'POST',
          workspace: slug,
          body: { name: 'first', expires_in_days: 90 },
        }),
      );
      return { tool, client, token };
    },
    onSuccess: done,
    onSettled: () => Promise.all(FAMILIES.map((family) => queryClient.invalidateQueries({ queryKey: [slug, family] }))),
  });

  async function grant(clientId: string, toolId: string): Promise<void> {
    const from = `${clientId} ${toolId}`;
    if (kept.current.grant?.from === from) return;
    const made = await ask<GrantView>(`/v1/clients/${clientId}/grants`, {
      method: 'POST',
      workspace: slug,
      body: { tool_id: toolId, policy: 'approve' },
    });
    kept.current.grant = { id: made.id, from };
  }
  return make;
}

/** A connector's kind stays what it is. */
function changeable(what: keyof Kept, body: object): object {
  if (what !== 'connector') return body;
  const { kind: _, ...rest } = body as { kind?: unknown };
  return rest;
}

async function of<T>(part: Part, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (problem) {
    throw new PartProblem(part, problem);
  }
}

export function hostOf(baseUrl: string): string {
  try {
    return new URL(baseUrl).host || 'my-api';
  } catch {
    return 'my-api';
  }
}
