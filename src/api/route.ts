import type { z } from 'zod';
import type { Permission } from '../identity/permissions.ts';
import type { Membership, Person } from '../identity/person.ts';
import type { Actor } from '../kernel/actor.ts';
import type { Problem, Refusal } from '../kernel/codes.ts';
import type { TenantTx } from '../store/store.ts';
import type { Role } from '../store/tables.ts';
import type { App } from './app.ts';
import type { ResourceKind } from './resources.ts';

/** Who asks, once the workspace is known: a member of it, or an integration client registered in it. */
export type Caller =
  | {
      readonly kind: 'member';
      readonly userId: string;
      readonly sessionId: string;
      readonly role: Role;
      readonly actor: Actor;
    }
  | { readonly kind: 'client'; readonly clientId: string; readonly tokenId: string; readonly actor: Actor };

/**
 * Runs a verb in one transaction inside the request's workspace, for the caller as they stand in it: whoever was
 * removed, lost the role or signed out meanwhile is refused there. A verb that says no is rolled back.
 */
export type Transact = <T>(
  verb: (tx: TenantTx, caller: Caller) => Promise<T | Refusal | Problem>,
) => Promise<T | Refusal | Problem>;

/** Runs a verb in one transaction inside a workspace, while the person who asks is signed in. */
export type PersonTransact = <T>(
  tenantId: string,
  verb: (tx: TenantTx) => Promise<T | Refusal | Problem>,
) => Promise<T | Refusal | Problem>;

export type RequestInfo = {
  readonly requestId: string;
  /** The trace that the caller says this request is part of (W3C Trace Context). */
  readonly traceId?: string;
  readonly headers: Headers;
  readonly url: URL;
  readonly ip: string;
  readonly signal: AbortSignal;
};

type Shape<S> = S extends z.ZodType ? z.infer<S> : Record<string, never>;

/** What every handler is given: validated input, and the workspace the gateway middleware has settled. */
export type RouteContext<Query, Body> = {
  readonly app: App;
  readonly tenantId: string;
  readonly caller: Caller;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Body;
  /** What was sent with the body, where the route takes a file. */
  readonly file?: Uint8Array;
  readonly request: RequestInfo;
  /** The value of If-Match as a row version, when the caller sent one. */
  readonly ifVersion: number | undefined;
};

/** A handler's yes. `etag` is the row's version, sent as ETag. */
export type Reply = {
  readonly status?: number;
  readonly body?: unknown;
  /** Instead of `body`: its JSON text, where that must not be written anew. */
  readonly json?: string;
  readonly headers?: Record<string, string>;
  readonly etag?: number;
};

type Common<Q, B> = {
  readonly method: 'get' | 'post' | 'patch' | 'put' | 'delete';
  /** OpenAPI style: `/v1/clients/{id}`. */
  readonly path: string;
  readonly summary: string;
  readonly tag: string;
  /** What each id in the path names. Checked to be of this workspace before the route runs. */
  readonly params?: Readonly<Record<string, ResourceKind>>;
  readonly query?: Q;
  readonly body?: B;
  /** Whether it is metered, and may answer 429. */
  readonly metered?: true;
  /** The body may also be a form (multipart/form-data): this JSON as the field `request`, and a file as `document`. */
  readonly upload?: { readonly maxBytes: number };
  /** Whether it shows calls or audit entries: what is queued is written down before it runs. */
  readonly settled?: boolean;
  /** A GET that leaves an audit entry. Like a change, it is taken only from this site's own pages. */
  readonly audited?: true;
  /** `none` for a change that nothing of the configuration moves with, so that it does not hold up calls. */
  readonly lock?: 'none';
  readonly response: {
    readonly status: number;
    readonly schema?: z.ZodType;
    readonly description?: string;
    /** What an answer is that is no JSON. */
    readonly mediaTypes?: readonly string[];
  };
};

/** A route of one workspace. Its handler runs in one transaction inside that workspace. */
export type TenantRoute<Q extends z.ZodType | undefined, B extends z.ZodType | undefined> = Common<Q, B> & {
  readonly permission: Permission;
  /** Whether integration clients may call it with their token; the handler shows them only their own rows. */
  readonly clients?: boolean;
  readonly handle: (
    context: RouteContext<Shape<Q>, Shape<B>> & { readonly tx: TenantTx },
  ) => Promise<Reply | Refusal | Problem>;
};

/**
 * A route of one workspace that waits, streams or calls out, and so must hold no transaction. What it reads and changes
 * goes through `look` and `transact`, which ask about the caller each time.
 */
export type OpenRoute<Q extends z.ZodType | undefined, B extends z.ZodType | undefined> = Common<Q, B> & {
  readonly permission: Permission;
  readonly clients?: boolean;
  readonly open: (
    context: RouteContext<Shape<Q>, Shape<B>> & { readonly look: Transact; readonly transact: Transact },
  ) => Promise<Reply | Refusal | Problem | Response>;
};

/** A route for a signed-in person in no particular workspace. */
export type PersonRoute<Q extends z.ZodType | undefined, B extends z.ZodType | undefined> = Common<Q, B> & {
  readonly permission: 'signed-in';
  readonly person: (context: {
    readonly app: App;
    readonly person: Person;
    readonly memberships: readonly Membership[];
    readonly query: Shape<Q>;
    readonly body: Shape<B>;
    readonly request: RequestInfo;
    readonly transact: PersonTransact;
  }) => Promise<Reply | Refusal | Problem>;
};

/** A declared route, whatever its input. Without a permission it is not a route: the server does not start. */
export type Route = Common<z.ZodType | undefined, z.ZodType | undefined> & {
  readonly permission: Permission | 'signed-in';
  readonly clients?: boolean;
  readonly handle?: (context: never) => Promise<Reply | Refusal | Problem>;
  readonly open?: (context: never) => Promise<Reply | Refusal | Problem | Response>;
  readonly person?: (context: never) => Promise<Reply | Refusal | Problem>;
};

/** Declares a route whose handler works in one transaction. */
export function route<Q extends z.ZodType | undefined = undefined, B extends z.ZodType | undefined = undefined>(
  spec: TenantRoute<Q, B>,
): Route {
  return spec as unknown as Route;
}

/** Declares a route that opens its own transactions. */
export function openRoute<Q extends z.ZodType | undefined = undefined, B extends z.ZodType | undefined = undefined>(
  spec: OpenRoute<Q, B>,
): Route {
  return spec as unknown as Route;
}

/** Declares a route for a person in no particular workspace. */
export function personRoute<Q extends z.ZodType | undefined = undefined, B extends z.ZodType | undefined = undefined>(
  spec: PersonRoute<Q, B>,
): Route {
  return spec as unknown as Route;
}
