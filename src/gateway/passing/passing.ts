import type { Answer, NewCall } from '../call.ts';
import type { Progress } from '../progress.ts';

/** A prompt, resource or template of an upstream MCP server as it was accepted: the members of its definition that are pinned. */
export type Passed = Readonly<Record<string, unknown>>;

/** What of upstream MCP servers a client may ask for beside calling tools, under grants of its own. */
export type Passing = {
  /** `name` is `<server>.<prompt>`, as no other prompt of the workspace is called. */
  readonly prompts: readonly (Passed & { readonly name: string })[];
  /** By their own URIs: no two servers of a workspace have one accepted. */
  readonly resources: readonly (Passed & { readonly uri: string; readonly name: string })[];
  readonly resourceTemplates: readonly (Passed & { readonly uriTemplate: string; readonly name: string })[];
};

export const PASSING_METHODS = ['prompts/get', 'resources/read', 'resources/subscribe', 'completion/complete'] as const;
export type PassingMethod = (typeof PASSING_METHODS)[number];

/** One request to be passed on. `params` are those of the MCP request, with names as {@link Passing} has them. */
export type PassingCall = Pick<
  NewCall,
  'via' | 'credential' | 'ip' | 'requestId' | 'traceId' | 'runId' | 'onBehalfOf' | 'sessionRunId'
> & {
  readonly method: PassingMethod;
  readonly params: Readonly<Record<string, unknown>>;
};

export type PassThrough = {
  /** Which resources are accepted and granted to the client, and not quarantined. */
  readable(client: {
    readonly tenantId: string;
    readonly clientId: string;
    readonly tokenId: string;
  }): Promise<(uri: string) => boolean>;
  /** A client still wants to know when a resource changes that it has subscribed to. */
  keepWatching(tenantId: string, uri: string): void;
  /** What is accepted and granted to the client, and not quarantined. */
  list(
    client: { readonly tenantId: string; readonly clientId: string; readonly tokenId: string },
    /** One server's alone. */
    server?: string,
  ): Promise<Passing>;
  /**
   * Passes a request on, recorded and metered as the call that it is: `result` of an executed answer is the JSON text of
   * the MCP result as it came. What names nothing that is granted is refused as `not_granted`.
   */
  pass(call: PassingCall, progress?: Progress): Promise<Answer>;
};
