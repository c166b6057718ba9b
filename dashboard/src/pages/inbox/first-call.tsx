import type { ReactNode } from 'react';
import { Snippet } from '../../components/snippet.tsx';

/** The call of a client, as one pastes it. The token is a shell variable: it belongs into no page and no history. */
export function curlOf(tool: string, args: unknown, token = '$COUNTERSIGN_TOKEN'): string {
  const body = JSON.stringify({ tool, arguments: args, execute_on_approval: true }).replaceAll("'", "'\\''");
  return [
    `curl -s ${window.location.origin}/api/agent/gateway \\`,
    `  -H "Authorization: Bearer ${token}" \\`,
    `  -H "Content-Type: application/json" \\`,
    `  -d '${body}'`,
  ].join('\n');
}

/** How a first call is made, where there is none yet. */
export function FirstCall(): ReactNode {
  return (
    <Snippet
      label="Ask for one"
      text={curlOf('email.send', { to: ['you@example.com'], subject: 'Hello', body: 'A first governed call.' })}
    />
  );
}
