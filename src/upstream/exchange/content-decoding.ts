import { constants, createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';

/** Decoded bytes; `truncated` if they stop at the limit or where the encoded bytes do. */
export type Decoded = { readonly bytes: Buffer; readonly truncated: boolean };

/**
 * Undoes a content encoding (RFC 9110, 8.4) with a hard bound on the output, so that a compression bomb
 * costs no more memory or time than an honest answer of `limitBytes`. `null`: an unknown encoding, more
 * than one of them, or corrupt bytes. With `incomplete` the input is known to be cut, and what can be read
 * of it is given.
 */
export async function decodeContent(
  encoding: string,
  body: Buffer,
  limitBytes: number,
  incomplete = false,
): Promise<Decoded | null> {
  const stream = decoderFor(encoding.trim().toLowerCase(), body);
  if (stream === null) return null;
  const chunks: Buffer[] = [];
  let length = 0;
  stream.end(body);
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      // Leaving the loop destroys the stream: nothing beyond this chunk is inflated.
      if (length > limitBytes) break;
    }
  } catch {
    if (!incomplete) return null;
  }
  const bytes = Buffer.concat(chunks, Math.min(length, limitBytes));
  return { bytes, truncated: incomplete || length > limitBytes };
}

function decoderFor(encoding: string, body: Buffer) {
  const chunkSize = 64 * 1024;
  switch (encoding) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip({ chunkSize });
    case 'br':
      return createBrotliDecompress({
        chunkSize,
        // The largest window a plain brotli stream may ask for is 16 MiB; "large window" streams are refused.
        params: { [constants.BROTLI_DECODER_PARAM_LARGE_WINDOW]: 0 },
      });
    case 'deflate':
      // Many servers send raw deflate where RFC 9110 means zlib; the zlib header's low nibble is always 8.
      return (body[0] ?? 0) % 16 === 8 ? createInflate({ chunkSize }) : createInflateRaw({ chunkSize });
    default:
      return null;
  }
}
