import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Gate, startGate } from './support/gate.ts';
import { packageFile, type Ran, runNode, runProgram, snippetFolder } from './support/mcp-peers.ts';
import { PROGRAM, programEnv } from './support/program.ts';
import { repository } from './support/sources.ts';

/**
 * Other people's MCP clients, as they are published, in processes of their own: each lists the tools of the demo's client
 * and calls one through the gate. What they run is what docs/mcp.md shows.
 */

const PAGE = readFileSync(join(repository, 'docs', 'mcp.md'), 'utf8');
const INSPECTOR = packageFile('@modelcontextprotocol/inspector', 'clients/launcher/build/index.js');
const MCPORTER = packageFile('mcporter', 'dist/cli.js');
const LISTED = ['email-send', 'help-search', 'refunds-create', 'await_approval'];
const TIMEOUT = 120_000;

/** A snippet of the page by its name. */
function snippet(name: string): string {
  const escaped = name.replaceAll('.', '\\.');
  const found = new RegExp(`<!-- snippet: ${escaped} -->\\n\`\`\`\\w+\\n([\\s\\S]*?)\`\`\``).exec(PAGE)?.[1];
  if (found === undefined) throw new Error(`docs/mcp.md has no snippet ${name}`);
  return found;
}

describe('clients that others make', () => {
  let gate: Gate;
  let env: Record<string, string>;
  let home: string;
  const folder = snippetFolder();

  beforeAll(async () => {
    gate = await startGate('pglite');
    home = mkdtempSync(join(tmpdir(), 'countersign-mcp-'));
    env = { GATE_URL: gate.url, GATE_TOKEN: gate.demo.clients[0]!.token, HOME: home };
  });
  afterAll(async () => {
    folder.remove();
    await gate?.close();
    rmSync(home, { recursive: true, force: true });
  });

  /** The newest call of this door. */
  const newest = async () => {
    const { body } = await gate.client()('GET', '/v1/executions?limit=1');
    return body.items[0];
  };
  const expectCalled = async (ran: Ran): Promise<void> => {
    expect(ran.err.includes(env.GATE_TOKEN!), 'a client said the token').toBe(false);
    expect({ code: ran.code, err: ran.code === 0 ? '' : ran.err }).toEqual({ code: 0, err: '' });
    for (const name of LISTED) expect(ran.out).toContain(name);
    expect(ran.out).toMatch(/[Rr]efund/);
    expect(await newest()).toMatchObject({ tool: 'help.search', status: 'executed', via: 'mcp' });
  };
  let before: string | undefined;
  beforeEach(async () => {
    before = (await newest())?.id;
  });
  afterEach(async () => {
    expect((await newest()).id).not.toBe(before);
  });

  test.each(['ai-sdk.mjs', 'openai-agents.mjs', 'langchain.mjs'])('%s', { timeout: TIMEOUT }, async (name) => {
    await expectCalled(await runNode(folder.write(name, snippet(name)), [], env));
  });

  test('curl.sh', { timeout: TIMEOUT }, async () => {
    await expectCalled(await runProgram('bash', [folder.write('curl.sh', snippet('curl.sh'))], env));
  });

  test('the command line of the inspector', { timeout: TIMEOUT }, async () => {
    const headers = { Authorization: `Bearer ${env.GATE_TOKEN}` };
    const config = { mcpServers: { countersign: { type: 'streamable-http', url: `${gate.url}/mcp`, headers } } };
    const file = folder.write('inspector.json', JSON.stringify(config));
    const ask = (...args: string[]) =>
      runNode(INSPECTOR, ['--cli', '--config', file, '--server', 'countersign', ...args], env);
    const listed = await ask('--method', 'tools/list');
    const called = await ask('--method', 'tools/call', '--tool-name', 'help-search', '--tool-arg', 'q=refund');
    expect(listed.code, listed.err).toBe(0);
    await expectCalled({ ...called, out: listed.out + called.out });
  });

  describe('countersign connect', () => {
    /** Each client's file, beside what it holds already. */
    const FILES = {
      'claude-code': [
        '.claude.json',
        '{\n  "numStartups": 7,\n  "mcpServers": {\n    "other": { "type": "stdio", "command": "x" }\n  },\n  "tip": "ü"\n}\n',
      ],
      cursor: ['.cursor/mcp.json', '{"mcpServers":{"other":{"command":"x"}}}'],
      vscode: [
        '.config/Code/User/mcp.json',
        '{\n\t// mine\n\t"servers": {\n\t\t"other": { "command": "x" },\n\t},\n\t"inputs": []\n}',
      ],
      codex: [
        '.codex/config.toml',
        'model = "o1"\n\n[mcp_servers.other]\ncommand = "x"\n\n[profiles.a]\nnote = """\n[mcp_servers.countersign]\n"""\n',
      ],
    } as const;
    type Name = keyof typeof FILES;
    const names = Object.keys(FILES) as Name[];
    let own: string;
    beforeEach(() => {
      own = mkdtempSync(join(tmpdir(), 'countersign-home-'));
    });
    afterEach(() => rmSync(own, { recursive: true, force: true }));

    const connect = async (...words: string[]): Promise<Ran> => {
      const file = join(own, 'token.txt');
      writeFileSync(file, `${env.GATE_TOKEN}\n`);
      const all = programEnv({ HOME: own }) as Record<string, string>;
      const undo = words.includes('--undo');
      return runNode(PROGRAM, ['connect', ...words, ...(undo ? [] : ['--url', gate.url, '--token-file', file])], all);
    };
    /** Codex reads `http_headers`, which mcporter does not take over from its file. */
    const ofCodex = async (): Promise<object> => {
      const { parse } = await import(packageFile('@iarna/toml', 'toml.js'));
      const { countersign } = parse(readFileSync(join(own, FILES.codex[0]), 'utf8')).mcp_servers;
      expect(Object.keys(countersign)).toEqual(['url', 'http_headers']);
      return { mcpServers: { countersign: { url: countersign.url, headers: countersign.http_headers } } };
    };
    /** What a client's file comes to in a program that reads it: mcporter knows all of them. */
    const callThrough = async (which: Name): Promise<Ran> => {
      const config = join(own, 'mcporter.json');
      const known = which === 'codex' ? await ofCodex() : { mcpServers: {}, imports: [which] };
      writeFileSync(config, JSON.stringify(known));
      const ask = (...words: string[]) => runNode(MCPORTER, ['--config', config, ...words], { HOME: own }, own);
      const listed = await ask('list', 'countersign', '--schema');
      const called = await ask('call', 'countersign.help-search', 'q=refund', '--output', 'json');
      return { ...called, out: listed.out + called.out, err: listed.err + called.err };
    };

    test.each(names)(
      '%s: adds itself to what is there, is used by mcporter, and takes itself back',
      { timeout: TIMEOUT },
      async (which) => {
        const [path, text] = FILES[which];
        const file = join(own, path);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, text);
        chmodSync(file, 0o640);
        const connected = await connect(which);
        expect({ code: connected.code, err: connected.err.includes(env.GATE_TOKEN!) }).toEqual({ code: 0, err: false });
        expect(connected.err).toContain(`chmod 600 ${file}`);
        expect(statSync(file).mode & 0o777).toBe(0o640);
        const withIt = readFileSync(file, 'utf8');
        for (const kept of ['"x"', 'other']) expect(withIt).toContain(kept);
        await expectCalled(await callThrough(which));
        // Twice is once.
        await connect(which);
        expect(readFileSync(file, 'utf8')).toBe(withIt);
        expect((await connect(which, '--undo')).code).toBe(0);
        expect(readFileSync(file, 'utf8')).toBe(text);
        expect((await connect(which, '--undo')).err).toContain('has no countersign');
      },
    );

    test('makes a file for its owner alone, and leaves none behind', { timeout: TIMEOUT }, async () => {
      for (const which of names) {
        const file = join(own, FILES[which][0]);
        expect((await connect(which)).code).toBe(0);
        expect([which, statSync(file).mode & 0o777]).toEqual([which, 0o600]);
        await connect(which, '--undo');
        expect([which, existsSync(file)]).toEqual([which, false]);
      }
      await expectCalled(
        await (async () => {
          await connect('cursor');
          return callThrough('cursor');
        })(),
      );
    });

    test('writes nothing for a token that the gate does not take, or over a file that it cannot read', {
      timeout: TIMEOUT,
    }, async () => {
      const file = join(own, '.cursor/mcp.json');
      const wrong = join(own, 'wrong.txt');
      writeFileSync(wrong, `cs_live_00000000_${'A'.repeat(43)}`);
      const refused = await connect('cursor', '--token-file', wrong);
      // The last of two flags holds.
      expect([refused.code, existsSync(file)]).toEqual([0, true]);
      rmSync(file);
      const all = programEnv({ HOME: own }) as Record<string, string>;
      const ran = await runNode(PROGRAM, ['connect', 'cursor', '--url', gate.url, '--token-file', wrong], all);
      expect([ran.code, existsSync(file)]).toEqual([1, false]);
      expect(ran.err).toContain('does not take this token');
      writeFileSync(file, '{ "mcpServers": [1, }');
      const broken = await connect('cursor');
      expect([broken.code, readFileSync(file, 'utf8')]).toEqual([1, '{ "mcpServers": [1, }']);
      expect(broken.err).toContain('is left as it is');
      expect((await connect('emacs')).err).toContain('There is no client emacs');
      rmSync(file);
      await connect('cursor');
      await expectCalled(await callThrough('cursor'));
    });
  });

  test.each(['claude-code.json', 'cursor.json'])('%s is what that client reads', { timeout: TIMEOUT }, async (name) => {
    const own = mkdtempSync(join(tmpdir(), 'countersign-project-'));
    try {
      const text = snippet(name).replaceAll('${env:', '${');
      const config = join(own, 'mcporter.json');
      writeFileSync(config, text);
      const ask = (...words: string[]) => runNode(MCPORTER, ['--config', config, ...words], { ...env, HOME: own }, own);
      const listed = await ask('list', 'countersign', '--schema');
      const called = await ask('call', 'countersign.help-search', 'q=refund', '--output', 'json');
      await expectCalled({ ...called, out: listed.out + called.out });
    } finally {
      rmSync(own, { recursive: true, force: true });
    }
  });
});
