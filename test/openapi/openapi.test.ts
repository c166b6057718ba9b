import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import openapiTS, { astToString } from 'openapi-typescript';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { openApiDocument } from '../../src/api/openapi.ts';
import { routes } from '../../src/api/routes.ts';
import { sampleOf } from './sample.ts';

/** The document as strangers' tools read it. */

type Parameter = { $ref?: string; name: string; in: string; required?: boolean; schema: Record<string, unknown> };
type Operation = {
  operationId: string;
  parameters?: Parameter[];
  requestBody?: { content: { 'application/json': { schema: Record<string, unknown> } } };
  responses: Record<string, unknown>;
};

const document = openApiDocument();
const operations = Object.values(document.paths as Record<string, Record<string, Operation>>).flatMap((methods) =>
  Object.values(methods),
);

/** `/v1/tools/check-schema` beside `/v1/tools/{id}`, `/v1/approvals/count` beside `/v1/approvals/{id}`: no id is called so. */
const ACCEPTED = new Set(['no-ambiguous-paths']);

test("Redocly's recommended rules pass", async () => {
  const config = await createConfig({ extends: ['recommended'] });
  const found = await lintFromString({ source: JSON.stringify(document), absoluteRef: 'openapi.json', config });
  const told = found
    .filter(({ ruleId }) => !ACCEPTED.has(ruleId))
    .map(({ ruleId, message, location }) => `${ruleId}: ${message} ${location[0]?.pointer}`);
  expect(told).toEqual([]);
});

test('every operation has a name of its own', () => {
  const names = operations.map(({ operationId }) => operationId);
  expect(names.filter((name) => !/^[a-z][A-Za-z]+$/.test(name))).toEqual([]);
  expect(new Set(names).size).toBe(names.length);
  expect(names.length).toBeGreaterThanOrEqual(routes.length + 13);
});

const CALLER = `
type Parameters<O> = O extends { parameters: infer P } ? { [K in keyof P as P[K] extends undefined ? never : K]: P[K] } : never;
type Body<O> = O extends { requestBody: { content: { 'application/json': infer B } } } ? { body: B } : { body?: undefined };
type Content<R> = R extends { content: infer C } ? C[keyof C] : undefined;
type Success<O> = O extends { responses: infer R } ? { [S in keyof R & (200 | 201 | 202 | 204)]: Content<R[S]> }[keyof R & (200 | 201 | 202 | 204)] : never;
declare function call<N extends keyof operations>(
  name: N, input: Parameters<operations[N]> & Body<operations[N]>,
): Promise<Success<operations[N]>>;
`;

/** What a caller does with a call's answer, which holds of its type only if the type is right. */
const USES = `
export async function use(): Promise<string> {
  const answer = await call('callTool', { body: { tool: 'email.send', arguments: { to: ['a'], nested: { n: 1 } } }, header: { 'Idempotency-Key': 'k' } });
  if (answer.status === 'pending_approval') return answer.approval_id + answer.expires_at;
  if (answer.status === 'failed') return JSON.stringify(answer.error);
  if (answer.status === 'dry_run') return answer.ruling;
  const { result, execution_id } = answer;
  const may = await call('getGateway', {});
  const clients = await call('listClients', { query: { limit: 10 } });
  const edited = await call('updateTool', { path: { id: 'tool_1' }, header: { 'If-Match': '"1"' }, body: { description: 'x' } });
  return execution_id + JSON.stringify(result) + may.tools[0]?.name + clients.items[0]?.id + clients.next_cursor + edited.name;
}
`;

test('a script in TypeScript that calls every operation compiles', { timeout: 120_000 }, async () => {
  const types = astToString(await openapiTS(structuredClone(document) as never));
  const calls = operations.map(({ operationId, parameters = [], requestBody }) => {
    const input: Record<string, unknown> = {};
    for (const parameter of parameters) {
      if (parameter.$ref !== undefined || !parameter.required) continue;
      input[parameter.in] = { ...(input[parameter.in] as object), [parameter.name]: sampleOf(parameter.schema) };
    }
    if (requestBody) input.body = sampleOf(requestBody.content['application/json'].schema);
    return `  await call('${operationId}', ${JSON.stringify(input)});`;
  });
  const dir = mkdtempSync(join(tmpdir(), 'countersign-openapi-'));
  try {
    writeFileSync(join(dir, 'api.ts'), types);
    const script = `import type { operations } from './api.js';\n${CALLER}\nexport async function all(): Promise<void> {\n${calls.join('\n')}\n}\n${USES}`;
    writeFileSync(join(dir, 'script.ts'), script);
    const program = ts.createProgram([join(dir, 'script.ts')], {
      strict: true,
      noEmit: true,
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      types: [],
    });
    const told = ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
      const line = file?.text.slice(0, start).split('\n').length;
      return `${line}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
    });
    expect(told).toEqual([]);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
