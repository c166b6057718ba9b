import type { GateContestant } from '../contestant.ts';
import { signIn } from '../scenarios/approvals.ts';

/** The tool of the benchmark's MCP server as it is called here. */
export const MCP_TOOL = 'bench_mcp.echo';

/** Takes the benchmark's MCP server over into a gate's first workspace, as an admin does, and grants its tool. */
export async function connectMcp(gate: GateContestant, upstreamPort: number): Promise<void> {
  const cookie = await signIn(gate);
  const origin = `http://127.0.0.1:${gate.port}`;
  const post = async (path: string, body: object) => {
    const response = await fetch(origin + path, {
      method: 'POST',
      headers: { cookie, origin, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (response.status >= 300) throw new Error(`${path} answered ${response.status}: ${text}`);
    return JSON.parse(text);
  };
  const config = { transport: 'http', url: `http://127.0.0.1:${upstreamPort}/mcp` };
  const { id } = await post('/v1/connectors', { name: 'bench mcp', kind: 'mcp', config });
  const offer = await post(`/v1/connectors/${id}/mcp/discover`, {});
  const { name, pin } = offer.tools[0];
  await post(`/v1/connectors/${id}/mcp/accept`, { tools: [{ name, pin, effect: 'send', as: MCP_TOOL }] });
  const { clientId } = gate.workspaces[0]!;
  await post(`/v1/clients/${clientId}/grants`, { tool: MCP_TOOL, policy: 'auto', approver_user_ids: [] });
}
