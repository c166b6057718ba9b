import type { Bench } from '../bench.ts';
import { type Contestant, type GateContestant, mcpCall, startMcpProxy } from '../contestant.ts';
import { connectMcp, MCP_TOOL } from '../gate/mcp.ts';
import { type CallsResult, compare } from './calls.ts';

/** At how many connections `tools/call` is compared. */
export const MCP_CONNECTIONS = [1, 32];

/**
 * `tools/call` of one MCP server: direct, through mcp-proxy, and through each gate, governed and audited. The same bytes
 * of the stateless revision go to all of them.
 */
export async function compareMcp(bench: Bench): Promise<CallsResult[]> {
  const { upstream, gates, say } = bench;
  const proxy = await startMcpProxy();
  try {
    const direct: Contestant = { ...upstream, name: 'MCP server, direct', requests: [mcpCall('echo')] };
    const governed: GateContestant[] = [];
    for (const gate of gates) {
      say(`an MCP server behind ${gate.name}`);
      await connectMcp(gate, upstream.port);
      governed.push({ ...gate, requests: [mcpCall(MCP_TOOL, gate.workspaces[0]!.token)] });
    }
    return await compare(bench, 'tools/call', [direct, proxy, ...governed], MCP_CONNECTIONS);
  } finally {
    await proxy.stop();
  }
}
