import { Redis } from 'ioredis';

const ANSWER_MS = 1_000;

/**
 * What the operator should know of REDIS_URL: a sentence when it does not answer, or not as it should. It is no reason
 * not to start, because limits hold without it, node by node.
 */
export async function redisWarnings(redisUrl: string | undefined): Promise<string[]> {
  if (redisUrl === undefined) return [];
  let why = '';
  const redis = new Redis(redisUrl, {
    lazyConnect: true,
    connectTimeout: ANSWER_MS,
    commandTimeout: ANSWER_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  redis.on('error', (fault: Error) => {
    why ||= reasonOf(fault);
  });
  try {
    await redis.connect();
    await redis.ping();
    return [];
  } catch (fault) {
    why ||= reasonOf(fault as Error);
  } finally {
    redis.disconnect();
  }
  return [
    `REDIS_URL (${new URL(redisUrl).host}) cannot be used: ${why}. Until it can, each node holds rate limits for itself.`,
  ];
}

function reasonOf(fault: Error): string {
  const { code } = fault as { code?: string };
  if (/WRONGPASS|NOAUTH|invalid password|without any password/i.test(fault.message)) {
    return 'its password is wrong or missing (write redis://:<password>@host:port)';
  }
  if (code === 'ENOTFOUND') return 'the host is not known';
  if (code === 'ECONNREFUSED') return 'nothing answers there';
  return code ?? (fault.message.split('\n')[0] || 'it does not answer');
}
