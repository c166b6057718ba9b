/**
 * The doors that calls come in by, each with the words a page uses for it. A door makes a `Call` with `newCall`
 * (`gateway/call.ts`), hands it to `dispatch`, and gives the answer back in its own form.
 */
export const DOORS = {
  /** POST /api/agent/gateway */
  rest: 'REST',
  /** POST /mcp, `tools/call` */
  mcp: 'MCP',
  /** POST /v1/tools/{id}/test: a member tries a tool out. */
  test: 'a try in the dashboard',
  /** POST /v1/drafts/{id}/publish: a member publishes what a client drafted. */
  draft: 'a published draft',
  /** The gateway itself, for a call that asked to be made once it is approved. */
  approval: 'its approval',
} as const;

export type Via = keyof typeof DOORS;
