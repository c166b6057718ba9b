import { isRefused, type Problem, problem, type Refusal } from '../../kernel/codes.ts';
import { fieldProblem } from '../../registry/config-check.ts';
import { findConnector } from '../../registry/connectors/read.ts';
import type { Sources } from '../../registry/openapi/drafts.ts';
import {
  archiveGone,
  type Chosen,
  importOperations,
  knownTools,
  makeConnector,
  type Transacts,
  tellRead,
} from '../../registry/openapi/import.ts';
import { readInWorker } from '../../registry/openapi/in-worker.ts';
import {
  DOCUMENT_MAX_BYTES,
  importInput,
  importView,
  type PreviewInput,
  previewInput,
  previewView,
} from '../../registry/openapi/schemas.ts';
import type { ListedDocument } from '../../registry/openapi/work.ts';
import type { App } from '../app.ts';
import { openRoute, type Route, type RouteContext, type Transact } from '../route.ts';

const tag = 'Tools';
/** Documents that a workspace may have read in a minute. */
const READS_PER_MINUTE = 30;
const FETCH_MS = 20_000;
/** How often a document may lead to further ones, and how many they are in all. */
const ROUNDS_MAX = 5;
const OTHERS_MAX = 20;

const upload = { maxBytes: DOCUMENT_MAX_BYTES };
type Context = Pick<RouteContext<unknown, PreviewInput>, 'app' | 'tenantId' | 'body' | 'file' | 'request'> & {
  readonly look: Transact;
};
type Read = Awaited<ReturnType<typeof knownTools>>;
type Listed = {
  readonly document: ListedDocument;
  readonly drafts: readonly Chosen['draft'][];
  readonly known: Read;
};

/** `POST /v1/tools/openapi/…`: what tools an OpenAPI document would make, and making them. */
export const openapiImportRoutes: Route[] = [
  openRoute({
    method: 'post',
    path: '/v1/tools/openapi/preview',
    summary: 'The operations of an OpenAPI document, as the tools they would be; nothing is made',
    tag,
    permission: 'tools.manage',
    metered: true,
    body: previewInput,
    upload,
    response: { status: 200, schema: previewView },
    async open(context) {
      const listed = await readListed(context, []);
      if ('kind' in listed) return listed;
      const { about, operations, refused, gone } = listed.document;
      const { connector_id: connectorId, url } = context.body;
      const told = await context.transact(async (tx, { actor }) => {
        const counts = { operations: operations.length, refused: refused.length };
        await tellRead({ tx, actor }, { connectorId, url, about, ...counts });
        return {};
      });
      if (isRefused(told)) return told;
      const prefix = context.body.prefix ?? operations[0]?.name.split('.')[0] ?? 'api';
      return { body: { ...about, prefix, operations, refused, gone } };
    },
  }),
  openRoute({
    method: 'post',
    path: '/v1/tools/openapi/import',
    summary: 'Make tools of chosen operations of an OpenAPI document, or change those that were made of it before',
    tag,
    permission: 'tools.manage',
    metered: true,
    body: importInput,
    upload,
    response: { status: 200, schema: importView },
    async open(context) {
      const { app, body, transact } = context;
      if ((body.connector === undefined) === (body.connector_id === undefined)) {
        return fieldProblem('connector', 'give either the connector to make, or the connector_id of one that is there');
      }
      const listed = await readListed(
        context,
        body.operations.map(({ operation }) => operation),
      );
      if ('kind' in listed) return listed;
      const { document, drafts, known } = listed;
      const { about } = document;
      if (about.sha256 !== body.sha256) {
        return problem('conflict', 'The document is another one than in the preview. Preview it again.');
      }
      const transacts: Transacts = (verb) => transact((tx, { actor }) => verb({ tx, actor }));
      let connectorId = body.connector_id;
      if (connectorId === undefined) {
        const made = await transacts((ctx) => makeConnector(ctx, body, about, app.egress));
        if (isRefused(made)) return inConnector(made);
        connectorId = made.id;
      }
      const byOperation = new Map(drafts.map((draft) => [draft.operation, draft]));
      const reasons = new Map(document.refused.map(({ operation, reason }) => [operation, reason]));
      const chosen = body.operations.flatMap(({ operation, ...wants }): Chosen[] => {
        const draft = byOperation.get(operation);
        return draft === undefined ? [] : [{ draft, ...wants }];
      });
      const missing = body.operations
        .filter(({ operation }) => !byOperation.has(operation))
        .map(({ operation }) => ({
          operation,
          reason: reasons.get(operation) ?? 'the document has no such operation',
        }));
      const done = await importOperations(transacts, connectorId, chosen, known);
      if (isRefused(done)) return done;
      const archived = await archiveGone(transacts, body.archive, document.gone);
      if (isRefused(archived)) return archived;
      const refused = [...missing, ...done.refused];
      return { body: { connector_id: connectorId, imported: done.imported, refused, archived } };
    },
  }),
];

/** A problem with the connector that an import would make, by the names that its fields have there. */
function inConnector(refused: Problem | Refusal): Problem | Refusal {
  if (refused.kind !== 'problem' || refused.errors === undefined) return refused;
  const errors = refused.errors.map(({ field, message }) => ({
    field: field.replace(/^config\./, 'connector.'),
    message,
  }));
  return { ...refused, errors };
}

/** Reads the document of a request, beside the tools that were made of it before. */
async function readListed(context: Context, wanted: readonly string[]): Promise<Listed | Problem | Refusal> {
  const { app, tenantId, body, look } = context;
  const { allowed, retryAfterSeconds } = await app.limiter.take(`openapi ${tenantId}`, READS_PER_MINUTE);
  if (!allowed) return { ...problem('too_many_requests'), retryAfterSeconds };
  const connectorId = body.connector_id;
  const known = await look(async (tx): Promise<Read | Problem> => {
    if (connectorId === undefined) return [];
    const connector = await findConnector(tx, connectorId);
    if (connector === undefined) return fieldProblem('connector_id', 'there is no such connector in this workspace');
    if (connector.status === 'revoked') return fieldProblem('connector_id', 'the connector has been revoked');
    return knownTools(tx, connectorId);
  });
  if (isRefused(known)) return known;
  const main = await mainOf(context);
  if (!(main instanceof Uint8Array)) return main;
  const others = new Map<string, Uint8Array>();
  for (let round = 0; ; round += 1) {
    const sources: Sources = { main, url: body.url ?? null, others, prefix: body.prefix ?? null };
    const read = await readInWorker({ sources, known, wanted });
    if (read === undefined) {
      return {
        ...problem('too_many_requests', 'Several documents are being read. Try again in a moment.'),
        retryAfterSeconds: 5,
      };
    }
    const { answered, drafts } = read;
    if (answered.kind === 'listed') return { document: answered, drafts, known };
    if (answered.kind === 'unreadable') return fieldProblem('document', answered.reason);
    const failed = round === ROUNDS_MAX ? TOO_MANY : await fetchOthers(context, answered.urls, others, main.length);
    if (failed !== undefined) return failed;
  }
}

const TOO_MANY = fieldProblem('url', `the document is in more than ${OTHERS_MAX} files`);

async function mainOf({ app, tenantId, body, file, request }: Context): Promise<Uint8Array | Problem> {
  const given = [body.url, body.document, file].filter((each) => each !== undefined).length;
  if (given !== 1)
    return fieldProblem('document', 'send the document as a file, as a text, or give its url: one of them');
  if (file !== undefined) return file;
  if (body.document !== undefined) return Buffer.from(body.document);
  return fetchOne(app, tenantId, body.url!, DOCUMENT_MAX_BYTES, request.signal);
}

/** Fetches the files that a document refers to, which the reader has found to be of its own origin. */
async function fetchOthers(
  { app, tenantId, request }: Context,
  urls: readonly string[],
  others: Map<string, Uint8Array>,
  mainBytes: number,
): Promise<Problem | undefined> {
  for (const url of urls) {
    if (others.has(url)) continue;
    if (others.size === OTHERS_MAX) return TOO_MANY;
    const used = mainBytes + [...others.values()].reduce((sum, { length }) => sum + length, 0);
    const bytes = await fetchOne(app, tenantId, url, DOCUMENT_MAX_BYTES - used, request.signal);
    if (!(bytes instanceof Uint8Array)) return bytes;
    others.set(url, bytes);
  }
  return undefined;
}

async function fetchOne(
  app: App,
  tenantId: string,
  url: string,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Uint8Array | Problem> {
  const headers = { accept: 'application/json, application/yaml, text/yaml, */*;q=0.5' };
  const got = await app.fetchGuarded({ tenantId, url, headers, maxBytes, timeoutMs: FETCH_MS, signal });
  if (got.kind !== 'answer') {
    const said = got.kind === 'refused' ? got.detail : got.kind === 'failed' ? got.message : got.reason;
    return fieldProblem('url', said);
  }
  if (got.status >= 300 && got.status < 400) {
    return fieldProblem(
      'url',
      `its server answered ${got.status}: redirects are not followed; give the address it leads to`,
    );
  }
  if (got.status !== 200) return fieldProblem('url', `its server answered ${got.status}`);
  if (!got.complete) return fieldProblem('url', `the document is larger than ${DOCUMENT_MAX_BYTES / 1024 / 1024} MiB`);
  return got.body;
}
