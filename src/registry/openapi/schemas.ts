import { z } from 'zod';
import { EFFECTS } from '../../kernel/codes.ts';
import { isId } from '../../kernel/ids.ts';
import { SECRET_NAME } from '../../kernel/secret-reference.ts';
import { line } from '../../kernel/text.ts';
import { toolName } from '../tools/schemas.ts';

/** Most bytes of one document, and of all those that it refers to together. */
export const DOCUMENT_MAX_BYTES = 16 * 1024 * 1024;
/** Most operations that one import makes tools of. */
export const IMPORT_MAX = 2_000;

const connectorId = z.string().refine((id): boolean => isId('con', id), { error: "write a connector's id, con_…" });
const operation = z.string().max(1024);

const source = {
  url: z
    .url({ protocol: /^https?$/, error: 'write the http or https URL of the document' })
    .max(2048)
    .optional()
    .describe('Where the document is. Left out, it is sent: as `document`, or as a file.'),
  document: z
    .string()
    .max(1024 * 1024)
    .optional()
    .describe('The document itself, in JSON or YAML.'),
  prefix: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,19}$/, 'up to 20 lower-case letters, digits and _, with a letter first')
    .optional()
    .describe("What the tools' names begin with; by default made of the document's title."),
  connector_id: connectorId
    .optional()
    .describe('The connector that it was imported into before, to be told what changed.'),
};

export const previewInput = z.strictObject(source);
export type PreviewInput = z.infer<typeof previewInput>;

export const importInput = z.strictObject({
  ...source,
  sha256: z.string().regex(/^[0-9a-f]{64}$/, "write the preview's sha256"),
  connector: z
    .strictObject({
      name: line(80),
      base_url: z.string().max(2048),
      schemes: z
        .array(
          z.strictObject({
            scheme: z.string().max(200),
            secret: z.string().regex(SECRET_NAME, "write a secret's name"),
          }),
        )
        .max(16)
        .default([])
        .describe('The security schemes that the connector answers, each with the secret that it is.'),
      authorization: z
        .record(z.string(), z.unknown())
        .optional()
        .describe("The connector's `authorization`: at which provider people authorize it."),
    })
    .optional()
    .describe('The connector to make; left out where `connector_id` is given.'),
  operations: z
    .array(z.strictObject({ operation, name: toolName.optional(), effect: z.enum(EFFECTS).optional() }))
    .max(IMPORT_MAX, `at most ${IMPORT_MAX} at a time`)
    .describe('The operations to make tools of, or whose tools are to be as the document says.'),
  archive: z
    .array(z.string().refine((id): boolean => isId('tool', id), { error: "write a tool's id, tool_…" }))
    .max(IMPORT_MAX)
    .default([])
    .describe('Tools whose operations are gone.'),
});
export type ImportInput = z.infer<typeof importInput>;

const refused = z.array(z.object({ operation: z.string(), reason: z.string() }));

export const previewView = z.object({
  title: z.string(),
  version: z.string(),
  written: z.string().describe('The version of the specification that it is written in.'),
  sha256: z.string(),
  prefix: z.string(),
  servers: z.array(z.string()),
  schemes: z.array(
    z.object({
      scheme: z.string(),
      about: z.string(),
      sends: z.object({ in: z.enum(['header', 'query']), name: z.string(), value: z.string() }).nullable(),
      oauth: z
        .object({ authorize_url: z.string(), token_url: z.string(), scopes: z.array(z.string()) })
        .nullable()
        .describe('Where the document says that a person authorizes: the beginning of an `authorization`.'),
      secret: z.string(),
    }),
  ),
  operations: z.array(
    z.object({
      operation: z.string(),
      name: z.string(),
      description: z.string(),
      effect: z.enum(EFFECTS).describe('Guessed from its method and words: for somebody to look at.'),
      arguments: z.array(z.string()),
      notes: z.array(z.string()),
      security: z.array(z.array(z.string())),
      deprecated: z.boolean(),
      state: z.enum(['new', 'same', 'changed']),
      tool_id: z.string().nullable(),
      changes: z.array(z.string()),
    }),
  ),
  refused,
  gone: z.array(z.object({ id: z.string(), operation: z.string(), name: z.string() })),
});

export type PreviewView = z.infer<typeof previewView>;

export const importView = z.object({
  connector_id: z.string(),
  imported: z.array(
    z.object({
      operation: z.string(),
      tool_id: z.string(),
      name: z.string(),
      outcome: z.enum(['created', 'updated', 'unchanged']),
    }),
  ),
  refused,
  archived: z.array(z.string()),
});
export type ImportView = z.infer<typeof importView>;
