import type { ServerResponse } from 'node:http';

/** An answer as it goes over the wire: small enough to be one text. */
export type Wire = { readonly status: number; readonly headers: Record<string, string>; readonly body: string };

/** No browser may take an answer for something else than it says. */
export const NO_SNIFFING = ['x-content-type-options', 'nosniff'] as const;

export function toResponse({ status, headers, body }: Wire): Response {
  return new Response(body, { status, headers });
}

/** Sends an answer without the web-standard objects in between, which cost a governed call more than its decision. */
export function sendWire(outgoing: ServerResponse, { status, headers, body }: Wire): void {
  if (outgoing.destroyed) return;
  const length = Buffer.byteLength(body);
  outgoing.writeHead(status, { ...headers, [NO_SNIFFING[0]]: NO_SNIFFING[1], 'content-length': length });
  outgoing.end(body);
}
