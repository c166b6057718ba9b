import { PGlite } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';

/**
 * Makes an empty PostgreSQL directory in the folder that is named, and ends: PGlite does it in a second engine beside its
 * own and with copies of both, half a gigabyte that a process which goes on would keep.
 */
process.umask(0o077);
process.once('disconnect', () => process.exit(1));
const db = new PGlite({
  fs: new NodeFS(process.argv[2]!),
  startParams: [...PGlite.defaultStartParams, '-c', 'shared_buffers=16MB'],
  initDbStartParams: ['--set', 'shared_buffers=16MB'],
});
await db.waitReady;
await db.close();
process.exit(0);
