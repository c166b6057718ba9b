import { z } from 'zod';
import { oneOf } from '../../kernel/filters.ts';
import { pageQuery, searched } from '../../kernel/page.ts';
import { AUTHORIZATION_STATES, CONNECTOR_STATUSES } from '../../kernel/statuses.ts';
import { line } from '../../kernel/text.ts';
import { KIND_NAMES } from '../../upstream/shapes.ts';

const name = line(80);
const config = z.record(z.string(), z.unknown(), { error: 'write an object' });

export const createConnectorInput = z.strictObject({
  name,
  kind: z.enum(KIND_NAMES, { error: `this version has the kinds ${KIND_NAMES.join(', ')}` }),
  config: config.default({}),
});
export type CreateConnectorInput = z.infer<typeof createConnectorInput>;

export const updateConnectorInput = z.strictObject({ name: name.optional(), config: config.optional() });
export type UpdateConnectorInput = z.infer<typeof updateConnectorInput>;

export const listConnectorsQuery = z.strictObject({
  ...pageQuery('con'),
  ...searched,
  status: oneOf(CONNECTOR_STATUSES).optional(),
});
export type ListConnectorsQuery = z.infer<typeof listConnectorsQuery>;

export const connectorView = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.string(),
  config: z.record(z.string(), z.unknown()),
  target: z.string().describe('Where it leads, in a few words.'),
  tool_count: z.int().describe('Active tools that go through it.'),
  status: z.enum(CONNECTOR_STATUSES),
  authorization: z
    .enum(AUTHORIZATION_STATES)
    .nullable()
    .describe('Where it stands with the provider that it is authorized at; null for one without.'),
  created_by: z.string(),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
  version: z.int(),
});
export const connectorTestView = z.object({
  ok: z.boolean(),
  detail: z.string().describe('What came of it, in a sentence.'),
  http_status: z.int().nullable(),
});

export type ConnectorTestView = z.infer<typeof connectorTestView>;

export type ConnectorView = z.infer<typeof connectorView>;
