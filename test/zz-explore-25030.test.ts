import { test } from 'vitest';
import { openTestStore } from '/work/main/test/support/store.ts';
const bad: [string, unknown[]][] = [
 ['select $1::int as x', ['abc']], ['select nosuch', []], ['select 1/$1::int', [0]], ['select $1::timestamptz', ['nonsense']], ['select $1::int[]', ['{a']], ['syntax error here', []], ['select $1::text as x', ['a\0b']],
];
test.each(bad)('%s', async (t, v) => {
  const { store, close } = await openTestStore('pglite');
  const q = (t: string, v: unknown[]) => Promise.race([store.engine.pool.query(t, v).then(r => JSON.stringify(r.rows), (e) => 'ERR '+e.message), new Promise(r => setTimeout(() => r('HANG'), 3000))]);
  console.log(t, await q(t, v), await q('select 1 as x', []), await q('select $1::int as x', [2]));
  void close();
});
