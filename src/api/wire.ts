import type { ServerResponse } from 'node:http';

/** An answer as it goes over the wire: small enough to be one text. */
export type Wire = { readonly status: number; readonly headers: Record<string, string>; readonly body: string };

/** No browser may take an answer for something else than it says. */
export const NO_SNIFFING = ['x-content-type-options', 'nosniff'] as const;

/**
 * An object as JSON text whose last members are JSON texts already. They go in as they are: read and written again,
 * what an upstream answered would change (`725653563933458432`, `1.0`). Null is written for a text that is not there.
 */
export function spliced(object: object, texts: Readonly<Record<string, string | null>>): string {
  const members = Object.entries(texts).map(([name, text]) => `${JSON.stringify(name)}:${text ?? 'null'}`);
  const head = JSON.stringify(object).slice(0, -1);
  return `${head}${head === '{' ? '' : ','}${members.join(',')}}`;
}

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
