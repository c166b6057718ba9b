import { changesOf, type KnownTool } from './compare.ts';
import type { About, Draft, ReadDocument, RefusedOperation, Sources } from './drafts.ts';
import { readDocument } from './read.ts';

/** What the thread is asked: to read a document, and hand over the drafts of `wanted` operations. */
export type Asked = {
  readonly sources: Sources;
  readonly known: readonly KnownTool[];
  readonly wanted: readonly string[];
};

/** An operation as it is listed for somebody to choose. */
export type Listed = Omit<Draft, 'input_schema' | 'handler_config'> & {
  readonly arguments: readonly string[];
  readonly state: 'new' | 'same' | 'changed';
  /** The tool that it is already. */
  readonly tool_id: string | null;
  readonly changes: readonly string[];
};

/** A document with its operations listed. */
export type ListedDocument = {
  readonly kind: 'listed';
  readonly about: About;
  readonly operations: readonly Listed[];
  readonly refused: readonly RefusedOperation[];
  /** Tools whose operations the document no longer has. */
  readonly gone: readonly Pick<KnownTool, 'id' | 'operation' | 'name'>[];
};

export type Answered = ListedDocument | Exclude<ReadDocument, { kind: 'read' }>;
export type Told = Answered | { readonly kind: 'drafts'; readonly drafts: readonly Draft[] };

/** Reads a document; `hand` is given the drafts that are wanted. */
export function answerOf({ sources, known, wanted }: Asked, hand: (draft: Draft) => void): Answered {
  const chosen = new Set(wanted);
  const read = readDocument(sources, (draft) => {
    if (chosen.has(draft.operation)) hand(draft);
  });
  if (read.kind !== 'read') return read;
  const byOperation = new Map(known.map((tool) => [tool.operation, tool]));
  const there = new Set([...read.drafts, ...read.refused].map(({ operation }) => operation));
  return {
    kind: 'listed',
    about: read.about,
    refused: read.refused,
    operations: read.drafts.map((draft) => listed(draft, byOperation.get(draft.operation))),
    gone: known
      .filter(({ operation }) => !there.has(operation))
      .map(({ id, operation, name }) => ({ id, operation, name })),
  };
}

function listed(draft: Draft, tool: KnownTool | undefined): Listed {
  const { input_schema, handler_config: _, ...rest } = draft;
  const changes = tool === undefined ? [] : changesOf(tool, draft);
  return {
    ...rest,
    // It keeps the name that it was given.
    name: tool?.name ?? rest.name,
    description: rest.description.slice(0, 200),
    arguments: Object.keys((input_schema.properties ?? {}) as object),
    state: tool === undefined ? 'new' : changes.length === 0 ? 'same' : 'changed',
    tool_id: tool?.id ?? null,
    changes,
  };
}
