import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useEffect, useRef } from 'react';
import { queries } from '../../api/queries.ts';
import { Note } from '../../components/badge.tsx';
import { buttonClass } from '../../components/button.tsx';
import { rowsOf } from '../../components/pages.tsx';
import { Panel } from '../../components/panel.tsx';
import { Snippet } from '../../components/snippet.tsx';
import { Time } from '../../components/time.tsx';
import { useAnnounce } from '../../shell/announce.tsx';
import { useSlug } from '../../workspace.tsx';
import { exampleOf } from '../clients/example.ts';
import { curlOf } from '../inbox/first-call.tsx';
import type { Made } from './make.ts';

/** Should the live stream be down, the approval is found all the same. */
const LOOK_AGAIN_MS = 2_000;

/** The token, this once, a command that works when pasted, and what comes of it as soon as it comes. */
export function FirstCallHere({ made: { tool, client, token } }: { made: Made }): ReactNode {
  const slug = useSlug();
  const announce = useAnnounce();
  const link = useRef<HTMLAnchorElement>(null);
  const head = useRef<HTMLSpanElement>(null);
  const approvals = useInfiniteQuery({
    ...queries.approvals(slug, { status: 'pending', tool: tool.name }),
    refetchInterval: ({ state }) => (rowsOf(state.data).length > 0 ? false : LOOK_AGAIN_MS),
  });
  const waiting = rowsOf(approvals.data).find(({ principal }) => principal.id === client.id);
  const id = waiting?.id;
  useEffect(() => head.current?.focus(), []);
  useEffect(() => {
    if (id === undefined) return;
    announce('The call is here and waits for approval.');
    link.current?.focus();
  }, [id, announce]);
  return (
    <div className="grid gap-6">
      <Panel
        title={
          <span ref={head} tabIndex={-1} className="outline-none">
            Now call it as {client.name}
          </span>
        }
      >
        <div className="grid grid-cols-1 gap-4">
          <Note tone="care" title="The token is shown only now.">
            Put it where your agent keeps its secrets. It ends in 90 days.
          </Note>
          <Snippet label="Token" text={token.token} />
          <Snippet label="A call" text={curlOf(tool.name, exampleOf(tool.input_schema), token.token)} />
        </div>
      </Panel>
      <Panel title="What comes of it">
        {waiting ? (
          <div data-first-approval={waiting.id} className="grid gap-3">
            <Note tone="good" title="It is here, and it waits for a person.">
              Asked <Time at={waiting.created_at} />. Nothing was sent yet.
            </Note>
            <div>
              <Link
                ref={link}
                to="/w/$slug/inbox/$id"
                params={{ slug, id: waiting.id }}
                className={buttonClass('primary')}
              >
                Read it and decide
              </Link>
            </div>
          </div>
        ) : (
          <p role="status" className="text-soft">
            Run the command. The call appears here by itself, before anything is sent.
          </p>
        )}
      </Panel>
    </div>
  );
}
