import { type ReactNode, useMemo } from 'react';
import type { ApprovalDetail } from '../../api/types.ts';
import { Note } from '../../components/badge.tsx';
import { SafeText } from '../../components/safe-text.tsx';
import { aroundChanges, diffJson } from '../../payload/diff.ts';

const SIGNS = { same: ' ', before: '−', after: '+' } as const;
const WORDS = { same: '', before: 'before: ', after: 'now: ' } as const;
const LOOKS = { same: '', before: 'bg-no-wash', after: 'bg-yes-wash' } as const;

/** How the tool is defined now, against how it was when this was asked for. */
export function Drift({ approval }: { approval: ApprovalDetail }): ReactNode {
  const { drift } = approval;
  if (!approval.tool_changed || (approval.status !== 'pending' && approval.status !== 'approved')) return null;
  return (
    <Note tone="care" title="The tool was changed after this was asked for.">
      It can no longer run, approved or not. Deny it; the agent can ask again.
      {drift?.before ? (
        <Changes before={drift.before} after={drift.after} />
      ) : (
        ' What it was before is not in the log any more.'
      )}
    </Note>
  );
}

/** What is different, a line each, in text that nothing can hide in. */
export function Changes({
  before,
  after,
  title = "What changed in the tool's definition",
}: {
  before: unknown;
  after: unknown;
  title?: string;
}): ReactNode {
  const lines = useMemo(() => aroundChanges(diffJson(before, after)), [before, after]);
  return (
    <details open className="mt-2" data-drift>
      <summary className="w-fit font-semibold text-accent">{title}</summary>
      <pre className="mt-1 font-mono text-xs leading-relaxed wrap-anywhere whitespace-pre-wrap" dir="ltr">
        {lines.map((line, at) =>
          line === null ? (
            // biome-ignore lint/suspicious/noArrayIndexKey: the lines of one comparison never change places
            <span key={at} className="block text-soft">
              …
            </span>
          ) : (
            // biome-ignore lint/suspicious/noArrayIndexKey: the lines of one comparison never change places
            <span key={at} data-line={line.kind} className={`block ${LOOKS[line.kind]}`}>
              <span aria-hidden="true">{SIGNS[line.kind]} </span>
              <span className="sr-only">{WORDS[line.kind]}</span>
              <Indented text={line.text} />
            </span>
          ),
        )}
      </pre>
    </details>
  );
}

/** The blanks before a line of JSON are this page's own, and no part of what somebody wrote. */
function Indented({ text }: { text: string }): ReactNode {
  const line = text.trimStart();
  return (
    <>
      {text.slice(0, text.length - line.length)}
      <SafeText text={line} />
    </>
  );
}
