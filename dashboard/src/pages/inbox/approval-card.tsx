import { useNavigate, useSearch } from '@tanstack/react-router';
import { type ReactNode, useMemo } from 'react';
import type { ApprovalDetail } from '../../api/types.ts';
import { EffectBadge, Note, PolicyBadge, Stamp } from '../../components/badge.tsx';
import { Facts } from '../../components/panel.tsx';
import { SafeText } from '../../components/safe-text.tsx';
import { Countdown, Time } from '../../components/time.tsx';
import { markedValues, parseEnvelope } from '../../payload/envelope.ts';
import { Payload, SuspicionNote } from '../../payload/payload.tsx';
import { useReadToEnd } from '../../payload/read-to-end.tsx';
import { useKeys } from '../../shell/keyboard.tsx';
import { useTitle } from '../../title.ts';
import { DecisionBar } from './decision-bar.tsx';
import { Marked } from './marked.tsx';
import { Outcome } from './outcome.tsx';
import { Seal, useSeal } from './seal.tsx';
import { Signatures } from './signatures.tsx';

/** What would happen, as a document to be countersigned. All of it is read from the pinned bytes. */
export function ApprovalCard({ approval }: { approval: ApprovalDetail }): ReactNode {
  useTitle(`${approval.tool.name}: approval`);
  const { view } = useSearch({ from: '/w/$slug/inbox/$id' });
  const envelope = useMemo(() => parseEnvelope(approval.envelope), [approval.envelope]);
  const marked = useMemo(() => markedValues(approval.highlights, envelope.arguments), [approval.highlights, envelope]);
  const seal = useSeal(approval.envelope, approval.payload_sha256);
  const { read, end } = useReadToEnd(approval.payload_sha256);
  const saysOtherwise =
    envelope.tool.name !== approval.tool.name ||
    envelope.principal.id !== approval.principal.id ||
    envelope.policy !== approval.policy;
  return (
    <article aria-labelledby="approval-title" className="rounded-doc border border-rule bg-sheet shadow-sheet">
      <div className="grid gap-4 px-4 pt-4 pb-5 sm:px-6 sm:pt-5">
        <Head approval={approval} tool={envelope.tool.name} />
        {saysOtherwise && (
          <Note tone="bad" alert title="The record and the pinned bytes say different things.">
            Do not approve this. Tell whoever runs this installation.
          </Note>
        )}
        {approval.tool_changed && approval.status === 'pending' && (
          <Note tone="care" title="The tool was changed after this was asked for.">
            It can no longer run, approved or not (definition_drift). Deny it; the agent can ask again.
          </Note>
        )}
        <Marked values={marked} schema={approval.input_schema} />
        <SuspicionNote value={envelope.arguments} />
        <section aria-labelledby="payload-title">
          <div className="mb-1 flex items-end justify-between gap-3 border-b border-rule">
            <h2 id="payload-title" className="caps pb-1.5 !font-sans">
              What will be sent
            </h2>
            <ViewSwitch view={view} />
          </div>
          {approval.call && (
            <p className="mb-2 font-mono text-xs break-all">
              <SafeText text={approval.call.sentence} />
            </p>
          )}
          <Payload
            envelope={envelope}
            canonical={approval.envelope}
            highlights={approval.highlights}
            view={view ?? 'fields'}
          />
          {end}
        </section>
        <Seal seal={seal} sha256={approval.payload_sha256} />
        <Context approval={approval} />
        <Signatures approval={approval} />
        <Outcome approval={approval} />
      </div>
      <DecisionBar approval={approval} seal={seal} read={read} blocked={saysOtherwise} />
    </article>
  );
}

function Head({ approval, tool }: { approval: ApprovalDetail; tool: string }): ReactNode {
  const { principal, status, expires_at } = approval;
  return (
    <header className="double-rule flex flex-wrap items-start justify-between gap-x-6 gap-y-2 pb-3">
      <div className="min-w-0">
        <p className="caps">Approval request</p>
        <h1 id="approval-title" className="text-2xl leading-tight break-words">
          <SafeText text={tool} />
        </h1>
        <p className="mt-0.5 flex flex-wrap items-center gap-x-2 text-soft">
          <span>
            asked by{' '}
            <strong className="text-ink">
              <SafeText text={principal.name ?? principal.id} />
            </strong>
          </span>
          <EffectBadge effect={approval.tool.effect} />
        </p>
      </div>
      <div className="flex items-center gap-3 sm:grid sm:justify-items-end sm:gap-1">
        <Stamp state={status} />
        {status === 'pending' && <Countdown until={expires_at} />}
      </div>
    </header>
  );
}

function ViewSwitch({ view = 'fields' }: { view: 'fields' | 'raw' | undefined }): ReactNode {
  const navigate = useNavigate({ from: '/w/$slug/inbox/$id' });
  const set = (next: 'fields' | 'raw'): void => {
    void navigate({
      search: (before) => ({ ...before, view: next === 'raw' ? 'raw' : undefined }),
      replace: true,
      resetScroll: false,
    });
  };
  useKeys({ v: () => set(view === 'raw' ? 'fields' : 'raw') });
  return (
    <fieldset className="flex">
      <legend className="sr-only">Show the payload as</legend>
      {(['fields', 'raw'] as const).map((each) => (
        <button
          key={each}
          type="button"
          aria-pressed={view === each}
          onClick={() => set(each)}
          className="-mb-px border-b-2 border-transparent px-3 py-1 text-sm text-soft aria-pressed:border-accent aria-pressed:font-semibold aria-pressed:text-ink pointer-coarse:min-h-11"
        >
          {each === 'fields' ? 'Fields' : 'Exact bytes'}
        </button>
      ))}
    </fieldset>
  );
}

function Context({ approval }: { approval: ApprovalDetail }): ReactNode {
  const { principal, approved_before: before } = approval;
  return (
    <Facts
      items={[
        ['Asked by', <SafeText key="who" text={`${principal.kind} ${principal.name ?? ''} (${principal.id})`} />],
        [
          'The tool',
          approval.tool_description === '' ? (
            <span key="none" className="text-soft">
              no description
            </span>
          ) : (
            <SafeText key="tool" text={approval.tool_description} />
          ),
        ],
        [
          'Policy',
          <span key="policy">
            <PolicyBadge policy={approval.policy} />
            {approval.policy_rule && (
              <>
                {' '}
                by the rule <SafeText text={approval.policy_rule} />
              </>
            )}
          </span>,
        ],
        [
          'When approved',
          approval.execute_on_approval ? 'it runs at once' : 'it runs when the agent calls again with this approval',
        ],
        ['Asked at', <Time key="at" at={approval.created_at} />],
        [
          'Before',
          before === 0
            ? 'never approved for this caller: the first time'
            : `approved ${before} time${before > 1 ? 's' : ''} for this caller and tool`,
        ],
      ]}
    />
  );
}
