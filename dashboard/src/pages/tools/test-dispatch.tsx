import { Link } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useChange } from '../../api/change.ts';
import type { ToolView } from '../../api/types.ts';
import { Note } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { TextArea } from '../../components/field.tsx';
import { Panel } from '../../components/panel.tsx';
import { ProblemNote } from '../../components/states.tsx';
import { Structured } from '../../payload/structured.tsx';
import { useSlug } from '../../workspace.tsx';
import { exampleOf } from '../clients/example.ts';
import { readObject } from './schema-editor.tsx';

type Answer = {
  readonly status: string;
  readonly execution_id: string;
  readonly approval_id?: string;
  readonly result?: unknown;
  readonly error?: unknown;
};

/** A member's own call, through the same gate as every other: what reaches outside waits for approval first. */
export function TestDispatch({ tool }: { tool: ToolView }): ReactNode {
  const [text, setText] = useState(() => JSON.stringify(exampleOf(tool.input_schema), null, 2));
  const read = readObject(text);
  const test = useChange<Record<string, unknown>, Answer>(
    (args) => ({ path: `/v1/tools/${tool.id}/test`, method: 'POST', body: { arguments: args }, exact: true }),
    {
      families: ['approvals', 'calls'],
      said: null,
    },
  );
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if ('value' in read) test.mutate(read.value);
  };
  return (
    <Panel title="Try it">
      <form onSubmit={submit} className="grid gap-3">
        <TextArea
          label="Arguments"
          hint={
            tool.effect === 'read' || tool.effect === 'draft'
              ? 'It runs at once, as you.'
              : `It would ${tool.effect} for real, so it waits for somebody else's approval and then runs.`
          }
          error={'fault' in read ? read.fault : undefined}
          rows={8}
          spellCheck={false}
          className="font-mono text-[0.8125rem]"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <div>
          <Button type="submit" kind="primary" busy={test.isPending} disabled={'fault' in read}>
            Call it
          </Button>
        </div>
        <ProblemNote problem={test.error} />
        {test.data && <Result answer={test.data} />}
      </form>
    </Panel>
  );
}

function Result({ answer }: { answer: Answer }): ReactNode {
  const slug = useSlug();
  const isWaiting = answer.status === 'pending_approval';
  return (
    <div data-answer={answer.status} aria-live="polite">
      <Note
        tone={answer.status === 'executed' ? 'good' : isWaiting ? 'act' : 'bad'}
        title={
          isWaiting
            ? 'It waits for an approval by somebody else.'
            : answer.status === 'executed'
              ? 'It ran.'
              : 'It ran and failed.'
        }
      >
        {isWaiting && answer.approval_id ? (
          <Link
            to="/w/$slug/inbox/$id"
            params={{ slug, id: answer.approval_id }}
            className="font-semibold text-accent underline"
          >
            The approval
          </Link>
        ) : (
          <>
            <Structured value={answer.result ?? answer.error ?? null} />
            <Link
              to="/w/$slug/activity/$id"
              params={{ slug, id: answer.execution_id }}
              className="font-semibold text-accent underline"
            >
              The call's whole story
            </Link>
          </>
        )}
      </Note>
    </div>
  );
}
