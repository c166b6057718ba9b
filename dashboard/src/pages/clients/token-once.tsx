import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { queries } from '../../api/queries.ts';
import type { CreatedTokenView } from '../../api/types.ts';
import { Once } from '../../components/once.tsx';
import { rowsOf } from '../../components/pages.tsx';
import { Snippet } from '../../components/snippet.tsx';
import { useSlug } from '../../workspace.tsx';
import { curlOf } from '../inbox/first-call.tsx';
import { exampleOf } from './example.ts';

/** The token, this once, and a call with it that works when pasted. */
export function TokenOnce({ made, onClose }: { made: CreatedTokenView; onClose: () => void }): ReactNode {
  const slug = useSlug();
  const grants = useInfiniteQuery(queries.grants(slug, made.client_id));
  const granted = rowsOf(grants.data);
  // A harmless tool first: whoever pastes this wants to see an answer, not to send a mail.
  const grant = granted.find(({ effect }) => effect === 'read') ?? granted[0];
  const { data: tool } = useQuery({ ...queries.tool(slug, grant?.tool_id ?? ''), enabled: grant !== undefined });
  return (
    <Once
      title="The new token"
      what="token"
      about="Put it where your agent keeps its secrets. Whoever has it can call as this client."
      onClose={onClose}
    >
      <Snippet label="Token" text={made.token} />
      {tool ? (
        <Snippet label={`A call of ${tool.name}`} text={curlOf(tool.name, exampleOf(tool.input_schema), made.token)} />
      ) : (
        <Snippet
          label="What may it call? (nothing is granted yet)"
          text={`curl -s ${window.location.origin}/api/agent/gateway \\\n  -H "Authorization: Bearer ${made.token}"`}
        />
      )}
      <Snippet
        label="Claude Code, Cursor, VS Code or Codex: paste the token when it asks"
        text={`countersign connect claude-code --url ${window.location.origin}`}
      />
    </Once>
  );
}
