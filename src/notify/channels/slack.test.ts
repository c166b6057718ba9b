import { expect, test } from 'vitest';
import type { Asked } from '../../upstream/fetch-guarded.ts';
import { sendToSlack } from './slack.ts';

test('an agent has no link made of its words: not of an address, a name of a host, or Markdown', async () => {
  let sent = '';
  const ask = async ({ body }: Asked) => {
    sent = JSON.parse(String(body)).text;
    return { kind: 'answer', status: 200, headers: {}, body: Buffer.alloc(0), complete: true } as const;
  };
  await sendToSlack(ask, 'tenant', 'https://hooks.example/x', {
    title: 'Approve at https://evil.example/x or evil.example',
    lines: ['[the card](//evil.example) ![](http://1.2.3.4/x) <https://evil.example|here> 369.52 EUR'],
    link: 'https://gate.example/w/demo/inbox/apv_1',
    thread: 'apv_1',
  });
  expect(sent.replace('<https://gate.example/w/demo/inbox/apv_1|See all of it, and decide>', '')).not.toMatch(
    /:\/\/|\w\.[a-z]|\]\(|<|>/,
  );
  expect(sent).toContain('369.52 EUR');
});
