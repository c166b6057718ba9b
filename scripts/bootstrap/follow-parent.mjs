/**
 * Preloaded by `launch.mjs`: when the process that started this one is gone without a word (killed), stop as if
 * asked to. Otherwise the server would go on unseen and hold its port and its data directory.
 */
import { isMainThread } from 'node:worker_threads';

if (isMainThread && process.channel) {
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel.unref();
}
