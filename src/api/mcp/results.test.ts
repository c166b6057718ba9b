import { expect, test } from 'vitest';
import { pageOf, toolOf, WHOLE } from './catalogue.ts';
import { callResult, complete } from './results.ts';

const passed = (result: string) =>
  complete(true, callResult({ kind: 'executed', executionId: 'exe_1', result, form: 'mcp' }));

test.each(['{}', '{ }', '{\n}', '{"a":1}'])('a result stays JSON, however it is written: %j', (result) => {
  expect(JSON.parse(passed(result))).toMatchObject({ resultType: 'complete', ...JSON.parse(result) });
});

test('an upstream does not say who the gate is, or that something is wanted first, in no spelling', () => {
  const said = JSON.parse(passed(String.raw`{"content":[],"_m\u0065ta":{"x":1},"result\u0054ype":"input_required"}`));
  expect(said.resultType).toBe('complete');
  expect(said._meta).toHaveProperty('io.modelcontextprotocol/serverInfo');
});

test('what has such members further in goes through as it came', () => {
  const result = '{"content":[{"type":"text","text":"\\n","_meta":{"n":725653563933458432}}]}';
  expect(passed(result)).toContain('725653563933458432');
});

test('pages end, also where many have one name and names are long', () => {
  const name = 'same '.repeat(200);
  const all = Array.from({ length: 130 }, (_, nth) => ({ name, uri: `a://${nth}` }));
  const seen: string[] = [];
  let cursor: string | undefined;
  for (let pages = 0; pages < 10; pages += 1) {
    const page = pageOf(all, cursor)!;
    seen.push(...page.items.map(({ uri }) => uri));
    cursor = page.nextCursor;
    if (cursor === undefined) break;
  }
  expect(seen).toEqual(all.map(({ uri }) => uri));
});

test('agents are told of a tool what people could see', () => {
  const definition = {
    title: 'Adds\u{e0041}\u{e0042}',
    annotations: { title: 'Adds\u200b' },
    inputSchema: {
      type: 'object',
      'x-countersign': {},
      properties: { a: { type: 'number', 'x-countersign-show': 1 } },
    },
  };
  const granted = {
    name: 's.add',
    description: '',
    effect: 'read',
    policy: 'auto',
    has_rules: false,
    justification_required: false,
    input_schema: {},
    stopped: false,
  } as const;
  const tool = toolOf({ ...granted, imported: { isTool: true, definition } }, WHOLE);
  expect(tool).toMatchObject({ title: 'Adds', annotations: { title: 'Adds' } });
  expect(tool.inputSchema).toEqual({ type: 'object', properties: { a: { type: 'number' } } });
});
