import { celEnv, parse, plan } from '@bufbuild/cel';
import { Environment } from '@marcbachmann/cel-js';
import { conformance } from '../test/cel/conformance.ts';
import { BUFBUILD, MARCBACHMANN } from '../test/cel/engines.ts';

/** `node scripts/bootstrap/run.mjs compare-cel`: what docs/policies.md says of the engines that conditions could be evaluated with. */

for (const engine of [MARCBACHMANN, BUFBUILD]) {
  const { tallies, failed } = conformance(engine);
  const sum = (of: 'passed' | 'total'): number => tallies.reduce((all, one) => all + one[of], 0);
  console.log(`${engine.name}: ${sum('passed')} of ${sum('total')}`);
  for (const { section, passed, total } of tallies) console.log(`  ${section.padEnd(24)} ${passed} / ${total}`);
  if (process.argv.includes('--failed')) for (const one of failed) console.log(`  - ${one.replaceAll('\n', ' ')}`);
}

/** 50 rules as people write them, on one call: how long it takes to ask them all. */
const RULES = Array.from(
  { length: 50 },
  (_, at) =>
    [
      `args.amount > ${(at + 1) * 100000}`,
      `args.currency == "X${at}" && args.amount > ${at}`,
      `args.to.exists(address, address.endsWith("@example${at}.org"))`,
      `args.note.contains("urgent${at}")`,
      `"untrusted" in labels && args.amount > ${at}`,
    ][at % 5]!,
);
const args = {
  amount: 4900n,
  currency: 'EUR',
  to: ['one@example.com', 'two@example.com', 'three@example.com'],
  note: 'The parcel arrived damaged, and the customer asks for a refund.',
};
const labels = ['internal'];

function time(name: string, ask: () => unknown): void {
  for (const warm = performance.now() + 500; performance.now() < warm; ) ask();
  const until = performance.now() + 1_000;
  let rounds = 0;
  const before = process.cpuUsage();
  while (performance.now() < until) {
    for (let batch = 0; batch < 10; batch++) ask();
    rounds += 10;
  }
  const { user, system } = process.cpuUsage(before);
  console.log(`${name}: ${((user + system) / rounds).toFixed(2)} µs for 50 rules`);
}

const environment = new Environment()
  .registerVariable({ name: 'args', schema: { amount: 'int', currency: 'string', to: 'list<string>', note: 'string' } })
  .registerVariable('labels', 'list<string>');
const ready = RULES.map((rule) => environment.parse(rule));
for (const one of ready) if (!one.check().valid) throw one.check().error;
time(MARCBACHMANN.name, () => ready.filter((one) => one({ args, labels })));

const env = celEnv();
const planned = RULES.map((rule) => plan(env, parse(rule)));
time(BUFBUILD.name, () => planned.filter((one) => one({ args, labels }) === true));
