import type { Verb } from '../../identity/verb.ts';
import { isRefused, type Problem, problem, type Refusal } from '../../kernel/codes.ts';
import { secretReference } from '../../kernel/secret-reference.ts';
import { audit } from '../../ledger/audit.ts';
import type { TenantTx } from '../../store/store.ts';
import type { EgressExceptions } from '../../upstream/egress-exceptions.ts';
import { fieldProblem } from '../config-check.ts';
import { createConnector } from '../connectors/create.ts';
import type { ConnectorView } from '../connectors/schemas.ts';
import { archiveTool } from '../tools/archive.ts';
import { createTool } from '../tools/create.ts';
import { findTool, toolsOfConnector } from '../tools/read.ts';
import { updateTool } from '../tools/update.ts';
import { changesOf, FROM_DOCUMENT, type KnownTool } from './compare.ts';
import type { About, Draft, RefusedOperation } from './drafts.ts';
import type { ImportInput, ImportView } from './schemas.ts';

/** The active tools of a connector that were imported, with the operation that each is. */
export async function knownTools(tx: TenantTx, connectorId: string): Promise<KnownTool[]> {
  const tools = await toolsOfConnector(tx, connectorId);
  return tools.flatMap(({ id, name, status, handler_kind, input_schema, handler_config }) => {
    const { operation } = handler_config;
    if (status !== 'active' || handler_kind !== 'openapi' || typeof operation !== 'string') return [];
    return [{ id, operation, name, input_schema, handler_config }];
  });
}

/** Says in the audit log that a document was read, from where, and what there was in it. */
export async function tellRead(
  { tx, actor }: Verb,
  {
    connectorId,
    url,
    about,
    operations,
    refused,
  }: {
    readonly connectorId: string | undefined;
    readonly url: string | undefined;
    readonly about: About;
    readonly operations: number;
    readonly refused: number;
  },
): Promise<void> {
  await audit(tx, {
    event_type: 'connector.document_read',
    actor,
    resource: { kind: 'connector', id: connectorId ?? 'new' },
    outcome: 'read',
    // The query of an address may hold what only the asker should see.
    data: {
      title: about.title,
      sha256: about.sha256,
      operations,
      refused,
      ...(url !== undefined && { from: url.replace(/[?#].*$/, '') }),
    },
  });
}

/**
 * Makes the connector of an imported API: its address, and a secret for each security scheme that is answered, or the
 * provider that it is authorized at.
 */
export function makeConnector(
  ctx: Verb,
  { connector, url }: Pick<ImportInput, 'connector' | 'url'>,
  { schemes }: About,
  exceptions: EgressExceptions,
): Promise<ConnectorView | Problem> {
  const headers: Record<string, string> = {};
  const query: Record<string, string> = {};
  for (const [at, { scheme, secret }] of connector!.schemes.entries()) {
    const known = schemes.find((each) => each.scheme === scheme);
    const field = `connector.schemes.${at}.scheme`;
    if (known === undefined)
      return Promise.resolve(fieldProblem(field, 'the document has no security scheme of that name'));
    if (known.sends === null) return Promise.resolve(fieldProblem(field, `${known.about} cannot be set up here`));
    const value = known.sends.value.replace('{{secret}}', secretReference(secret));
    (known.sends.in === 'header' ? headers : query)[known.sends.name] = value;
  }
  const config = {
    base_url: connector!.base_url,
    ...(Object.keys(headers).length > 0 && { headers }),
    ...(Object.keys(query).length > 0 && { query }),
    ...(connector!.authorization !== undefined && { authorization: connector!.authorization }),
    ...(url !== undefined && !/[?#]/.test(url) && { document_url: url }),
  };
  return createConnector(ctx, { name: connector!.name, kind: 'openapi', config }, exceptions);
}

/** One operation to import, with what whoever chose it wants otherwise. */
export type Chosen = {
  readonly draft: Draft;
  readonly name?: string | undefined;
  readonly effect?: Draft['effect'] | undefined;
};

type Imported = ImportView['imported'][number];

/** Makes or changes the tool of one operation. A tool that is there keeps its name, effect, description and settings. */
export async function importOperation(
  ctx: Verb,
  connectorId: string,
  { draft, name, effect }: Chosen,
  known: KnownTool | undefined,
): Promise<Imported | Problem> {
  const { operation } = draft;
  if (known === undefined) {
    const made = await createTool(ctx, {
      name: name ?? draft.name,
      description: draft.description,
      effect: effect ?? draft.effect,
      input_schema: draft.input_schema,
      connector_id: connectorId,
      handler_kind: 'openapi',
      handler_config: draft.handler_config,
      labels: [],
    });
    return isRefused(made) ? made : { operation, tool_id: made.id, name: made.name, outcome: 'created' };
  }
  const tool = await findTool(ctx.tx, known.id);
  if (tool === undefined || tool.status !== 'active')
    return problem('conflict', `The tool ${known.name} is gone meanwhile.`);
  const isSame =
    changesOf({ ...known, input_schema: tool.input_schema, handler_config: tool.handler_config }, draft).length === 0;
  const isNamedOtherwise = (name ?? tool.name) !== tool.name || (effect ?? tool.effect) !== tool.effect;
  if (isSame && !isNamedOtherwise) return { operation, tool_id: tool.id, name: tool.name, outcome: 'unchanged' };
  const kept = Object.fromEntries(
    Object.entries(tool.handler_config).filter(([member]) => !(FROM_DOCUMENT as readonly string[]).includes(member)),
  );
  const updated = await updateTool(ctx, {
    id: tool.id,
    ...(name !== undefined && { name }),
    ...(effect !== undefined && { effect }),
    input_schema: draft.input_schema,
    handler_config: { ...draft.handler_config, ...kept },
  });
  return isRefused(updated) ? updated : { operation, tool_id: tool.id, name: updated.name, outcome: 'updated' };
}

/** Runs a verb in a transaction of its own, as whoever asked. */
export type Transacts = <T>(verb: (ctx: Verb) => Promise<T | Problem>) => Promise<T | Refusal | Problem>;

/** How many tools are made in one transaction: calls get in between. */
const BATCH = 25;

/**
 * Imports operations in many small transactions. One that cannot be imported is told with its reason, and holds up no
 * other.
 */
export async function importOperations(
  transacts: Transacts,
  connectorId: string,
  chosen: readonly Chosen[],
  known: readonly KnownTool[],
): Promise<
  { readonly imported: readonly Imported[]; readonly refused: readonly RefusedOperation[] } | Refusal | Problem
> {
  const byOperation = new Map(known.map((tool) => [tool.operation, tool]));
  const imported: Imported[] = [];
  const refused: RefusedOperation[] = [];
  const importAll = (ctx: Verb, batch: readonly Chosen[]) =>
    inOrder(batch, (one) => importOperation(ctx, connectorId, one, byOperation.get(one.draft.operation)));
  for (let from = 0; from < chosen.length; from += BATCH) {
    const batch = chosen.slice(from, from + BATCH);
    const done = await transacts((ctx) => importAll(ctx, batch));
    if (!isRefused(done)) {
      imported.push(...done);
      continue;
    }
    if (done.kind === 'deny') return done;
    // One of them was refused, and all rolled back: each by itself.
    for (const one of batch) {
      const alone = await transacts((ctx) => importAll(ctx, [one]));
      if (!isRefused(alone)) imported.push(...alone);
      else if (alone.kind === 'deny') return alone;
      else refused.push({ operation: one.draft.operation, reason: alone.detail });
    }
  }
  return { imported, refused };
}

async function inOrder(
  batch: readonly Chosen[],
  work: (one: Chosen) => Promise<Imported | Problem>,
): Promise<Imported[] | Problem> {
  const done: Imported[] = [];
  for (const one of batch) {
    const each = await work(one);
    if (isRefused(each)) return each;
    done.push(each);
  }
  return done;
}

/** Archives the tools of a connector whose operations are gone. */
export async function archiveGone(
  transacts: Transacts,
  ids: readonly string[],
  gone: readonly Pick<KnownTool, 'id'>[],
): Promise<string[] | Refusal | Problem> {
  const archived: string[] = [];
  for (const id of ids) {
    if (!gone.some((tool) => tool.id === id)) {
      return fieldProblem('archive', `${id} is no tool of this connector whose operation is gone`);
    }
    const done = await transacts((ctx) => archiveTool(ctx, { id }));
    if (isRefused(done)) return done;
    archived.push(id);
  }
  return archived;
}
