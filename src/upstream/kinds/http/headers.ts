import { z } from 'zod';
import { replaceSecrets, secretsIn } from '../../../kernel/secret-reference.ts';
import type { BodyForm } from './placement.ts';
import { nameOf, scalarText, Unfit } from './unfit.ts';

// Framing, identity and what a fixed value cannot know belong to Countersign; the x- ones make a server or proxy act
// on another method, path or client than the approver saw.
const OWN_HEADERS: ReadonlySet<string> = new Set([
  'accept-encoding',
  'cf-connecting-ip',
  'client-ip',
  'connection',
  'content-digest',
  'content-encoding',
  'content-length',
  'content-md5',
  'content-range',
  'date',
  'digest',
  'expect',
  'fastly-client-ip',
  'forwarded',
  'host',
  'http2-settings',
  'idempotency-key',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'true-client-ip',
  'upgrade',
  'user-agent',
  'via',
  'x-client-ip',
  'x-cluster-client-ip',
  'x-host',
  'x-http-host-override',
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'x-original-host',
  'x-original-url',
  'x-real-ip',
  'x-rewrite-url',
]);

// A conditional or partial request makes the upstream answer something else than what the call asks for.
const CHANGES_THE_ANSWER = /^(?:if-(?:match|none-match|modified-since|unmodified-since|range)|range)$/;
const OWN_PREFIX = /^(?:proxy-|sec-|x-forwarded-)/;
const MAX_HEADERS = 32;
const MAX_HEADER_BYTES = 8192;

/** `{name}`, `${name}`, `{{name}}`: how templates elsewhere are written. Nothing but a secret is put into a header. */
const TEMPLATE = /\{\{|\{\s*[A-Za-z_][\w.:-]*\s*\}/;

/** The fixed headers of a tool or a connector. What they would say of the body is checked by {@link contentTypeProblem}. */
export const headers = z.record(z.string(), z.string()).superRefine((record, context) => {
  const complain = (name: string, message: string): void => {
    context.addIssue({ code: 'custom', path: [name], message });
  };
  const seen = new Set<string>();
  let bytes = 0;
  for (const [name, value] of Object.entries(record)) {
    const lower = name.toLowerCase();
    // Gateways of the CGI kind read `_` as `-`.
    const read = lower.replaceAll('_', '-');
    bytes += name.length + value.length + 4;
    if (!/^[!#$%&'*+.^_`|~0-9a-z-]{1,64}$/.test(lower)) complain(name, 'not a header name');
    else if (OWN_HEADERS.has(read) || OWN_PREFIX.test(read)) complain(name, 'this header is set by Countersign only');
    else if (CHANGES_THE_ANSWER.test(read)) complain(name, 'conditional and partial requests are not made');
    else if (seen.has(read)) complain(name, 'this header is given twice');
    if (!/^(?:[\x21-\x7e](?:[\x20-\x7e]{0,1022}[\x21-\x7e])?)?$/.test(value)) {
      complain(name, 'a header value is at most 1024 printable ASCII characters');
    } else if (TEMPLATE.test(replaceSecrets(value, () => ''))) {
      complain(
        name,
        'a header is sent as it is written, but for secrets, as in {{secret:API_KEY}}: arguments go into the path, the query or the body',
      );
    }
    seen.add(read);
  }
  if (seen.size > MAX_HEADERS) complain('', `at most ${MAX_HEADERS} headers`);
  if (bytes > MAX_HEADER_BYTES) complain('', `headers may take ${MAX_HEADER_BYTES} bytes in all`);
});

const JSON_TYPE =
  /^(?:application\/json|text\/json|application\/[\w.!#$&^-]+\+json)((?:\s*;\s*[\w-]+=(?:[\w.-]+|"[^"]*"))*)$/i;

/** What is wrong with a declared `Content-Type`, given the body that is sent: a JSON or a text, in UTF-8, if any. */
export function contentTypeProblem(value: string, as: BodyForm | null): string | null {
  if (as === null) return 'no body is sent, so it has no type; leave it out';
  if (as === 'form' || as === 'multipart') return 'it follows from the body; leave it out';
  if (as === 'bytes') return null;
  const parameters = (as === 'json' ? JSON_TYPE : ANY_TYPE).exec(value)?.[1];
  if (parameters === undefined)
    return as === 'json'
      ? 'what is sent is JSON; write application/json, a type that ends in +json, or leave it out'
      : 'write a media type such as text/plain, or leave it out';
  const charset = /;\s*charset="?([^";\s]*)/i.exec(parameters)?.[1];
  return charset === undefined || /^utf-?8$/i.test(charset) ? null : 'what is sent is UTF-8';
}

const ANY_TYPE = /^[\w.+-]+\/[\w.+-]+((?:\s*;\s*[\w-]+=(?:[\w.-]+|"[^"]*"))*)$/;

/** An argument as the value of a header: printable ASCII, so that it is one header and stays one. */
export function headerValue(argument: string, value: unknown): string {
  const text = (Array.isArray(value) ? value : [value]).map((item) => scalarText(item) ?? '\0').join(',');
  if (!/^[\x21-\x7e](?:[\x20-\x7e]{0,1022}[\x21-\x7e])?$/.test(text)) {
    throw new Unfit(`The argument "${nameOf(argument)}" is sent as a header: at most 1024 printable ASCII characters.`);
  }
  if (secretsIn(text).length > 0) throw new Unfit(`The argument "${nameOf(argument)}" names a secret, and may not.`);
  return text;
}
