import type { Effect } from '../../kernel/codes.ts';

/** A tool as an operation of a document would be it. */
export type Draft = {
  /** Its method and path as the document has them: what it is known by from one import to the next. */
  readonly operation: string;
  readonly name: string;
  readonly description: string;
  readonly effect: Effect;
  readonly input_schema: Readonly<Record<string, unknown>>;
  readonly handler_config: Readonly<Record<string, unknown>>;
  /** What was left out or done otherwise than the document says. */
  readonly notes: readonly string[];
  /** The security schemes it asks for: one of these sets. None where it asks for nothing. */
  readonly security: readonly (readonly string[])[];
  readonly deprecated: boolean;
};

/** An operation that cannot be a tool, and why. */
export type RefusedOperation = { readonly operation: string; readonly reason: string };

/** A security scheme of a document, and where a secret would stand for it. */
export type Scheme = {
  readonly scheme: string;
  /** In words, such as `header X-Api-Key` or `Bearer token`. */
  readonly about: string;
  /** What the connector would send; `{{secret}}` is the place of the secret. Null where that cannot be set up here. */
  readonly sends: { readonly in: 'header' | 'query'; readonly name: string; readonly value: string } | null;
  /** How a person authorizes at its provider, where the document says; null where it does not. */
  readonly oauth: Provider | null;
  /** A name for its secret. */
  readonly secret: string;
};

/** What a document says of an OAuth provider: the authorization code flow, with the scopes that it knows. */
export type Provider = {
  readonly authorize_url: string;
  readonly token_url: string;
  readonly scopes: readonly string[];
};

/** A document without its operations. */
export type About = {
  readonly title: string;
  readonly version: string;
  /** The version of the specification that it was written in, such as `Swagger 2.0`. */
  readonly written: string;
  readonly sha256: string;
  readonly servers: readonly string[];
  readonly schemes: readonly Scheme[];
};

/** What is made of a document; or what else has to be read first; or why nothing can be made of it. */
export type ReadDocument =
  | {
      readonly kind: 'read';
      readonly about: About;
      readonly drafts: readonly Draft[];
      readonly refused: readonly RefusedOperation[];
    }
  | { readonly kind: 'needs'; readonly urls: readonly string[] }
  | { readonly kind: 'unreadable'; readonly reason: string };

/** What is read: the document with its address, if it has one, and others that it refers to, by theirs. */
export type Sources = {
  readonly main: Uint8Array;
  readonly url: string | null;
  readonly others: ReadonlyMap<string, Uint8Array>;
  /** What the names of tools begin with; null for one made of the title. */
  readonly prefix: string | null;
};
