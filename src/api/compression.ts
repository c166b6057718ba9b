import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

/** Below this an answer is one packet in any case. */
const WORTH_IT_BYTES = 1_024;
const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\b/;

const brotli = promisify(brotliCompress);
const zip = promisify(gzip);

/** About what gzip costs; the best of brotli takes many times as long. */
const BROTLI_QUALITY = 4;
const GZIP_LEVEL = 6;

export type Encoding = 'br' | 'gzip';

/**
 * A JSON answer as its asker would rather have it: compressed, if they take that and it is large enough. Anything else,
 * as a stream, is given back as it is. The governed call does not come by here.
 */
export async function compressed(response: Response, accepts: string | undefined): Promise<Response> {
  const type = response.headers.get('content-type') ?? '';
  if (response.body === null || !JSON_TYPE.test(type) || response.headers.has('content-encoding')) return response;
  const { status } = response;
  const headers = new Headers(response.headers);
  headers.append('vary', 'accept-encoding');
  const encoding = encodingOf(accepts ?? '');
  if (encoding === undefined) return new Response(response.body, { status, headers });
  const body = Buffer.from(await response.arrayBuffer());
  if (body.length < WORTH_IT_BYTES) return new Response(body, { status, headers });
  headers.set('content-encoding', encoding);
  headers.delete('content-length');
  return new Response(Buffer.from(await compress(body, encoding)), { status, headers });
}

function compress(body: Buffer, encoding: Encoding): Promise<Buffer> {
  if (encoding === 'gzip') return zip(body, { level: GZIP_LEVEL });
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
    [constants.BROTLI_PARAM_SIZE_HINT]: body.length,
  };
  return brotli(body, { params });
}

/** The better of the encodings that are taken (RFC 9110, 12.5.3); brotli where both are as welcome. */
export function encodingOf(accepts: string): Encoding | undefined {
  const weights = new Map<string, number>();
  for (const part of accepts.toLowerCase().split(',')) {
    const [name = '', ...parameters] = part.split(';').map((text) => text.trim());
    const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    weights.set(name, weight === undefined ? 1 : Number(weight) || 0);
  }
  const of = (name: string): number => weights.get(name) ?? weights.get('*') ?? 0;
  if (of('br') > 0 && of('br') >= of('gzip')) return 'br';
  return of('gzip') > 0 ? 'gzip' : undefined;
}
