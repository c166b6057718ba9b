import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request as it came: the operation, and what it said. */
export type KmsRequest = {
  readonly operation: string;
  readonly body: Record<string, unknown>;
  readonly signed: boolean;
};

/** What the server does with the next requests instead of its work, or `hang`. */
export type KmsTrouble = { readonly status: number; readonly type: string } | 'hang' | undefined;

/** A key service of our own that speaks the JSON protocol of AWS KMS (`TrentService`) on loopback. */
export type KmsServer = {
  readonly url: string;
  readonly asked: KmsRequest[];
  /** The keys there are, by every name they have. */
  readonly keys: Map<string, Buffer>;
  /** Says what goes wrong, by the number of the request from now on, from 0. */
  trouble: (nth: number) => KmsTrouble;
  close(): Promise<void>;
};

/** Starts one with the keys of these names. */
export async function startKmsServer(names: readonly string[]): Promise<KmsServer> {
  const keys = new Map(names.map((name) => [name, randomBytes(32)]));
  const asked: KmsRequest[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const operation = String(request.headers['x-amz-target']).replace('TrentService.', '');
      const body = JSON.parse(Buffer.concat(chunks).toString());
      const signed = /^AWS4-HMAC-SHA256 .*\/kms\/aws4_request/.test(request.headers.authorization ?? '');
      const trouble = kms.trouble(asked.length);
      asked.push({ operation, body, signed });
      if (trouble === 'hang') return;
      const { status, answer } =
        trouble === undefined ? answerTo(operation, body) : refuse(trouble.status, trouble.type);
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': 'r' });
      response.end(JSON.stringify(answer));
    });
  });
  // biome-ignore lint/suspicious/noExplicitAny: whatever came
  const answerTo = (operation: string, body: any) => {
    const key = keys.get(body.KeyId);
    if (key === undefined) return refuse(400, 'NotFoundException');
    const context = Buffer.from(JSON.stringify(body.EncryptionContext ?? {}));
    if (operation === 'GenerateDataKey') {
      const plaintext = randomBytes(32);
      const answer = { KeyId: body.KeyId, Plaintext: plaintext.toString('base64') };
      return { status: 200, answer: { ...answer, CiphertextBlob: seal(key, context, plaintext).toString('base64') } };
    }
    const blob = Buffer.from(body.CiphertextBlob, 'base64');
    const plaintext = unseal(key, context, blob);
    if (plaintext !== null)
      return { status: 200, answer: { KeyId: body.KeyId, Plaintext: plaintext.toString('base64') } };
    const isOthers = [...keys.values()].some((other) => unseal(other, context, blob) !== null);
    return refuse(400, isOthers ? 'IncorrectKeyException' : 'InvalidCiphertextException');
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const kms: KmsServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    keys,
    trouble: () => undefined,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return kms;
}

function refuse(status: number, type: string) {
  return { status, answer: { __type: type, message: `${type} of the test` } };
}

function seal(key: Buffer, context: Buffer, plaintext: Buffer): Buffer {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(context);
  return Buffer.concat([iv, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

function unseal(key: Buffer, context: Buffer, blob: Buffer): Buffer | null {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, blob.subarray(0, 12)).setAAD(context);
    decipher.setAuthTag(blob.subarray(-16));
    return Buffer.concat([decipher.update(blob.subarray(12, -16)), decipher.final()]);
  } catch {
    return null;
  }
}
