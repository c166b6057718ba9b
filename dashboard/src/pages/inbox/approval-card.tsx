import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { type ReactNode, useEffect, useMemo, useRef } from 'react';
import type { ApprovalDetail } from '../../api/types.ts';
import { ApprovalStamp, EffectBadge, Note, PolicyBadge } from '../../components/badge.tsx';
import { LabelList } from '../../components/label-list.tsx';
import { Facts } from '../../components/panel.tsx';
import { SafeText } from '../../components/safe-text.tsx';
import { Countdown, Time } from '../../components/time.tsx';
import { markedValues, parseEnvelope } from '../../payload/envelope.ts';
import { Payload, SuspicionNote } from '../../payload/payload.tsx';
import { useReadToEnd } from '../../payload/read-to-end.tsx';
import { useKeys } from '../../shell/keyboard.tsx';
import { useTitle } from '../../title.ts';
import { useSlug } from '../../workspace.tsx';
import { DecisionBar } from './decision-bar.tsx';
import { Destination } from './destination.tsx';
import { Drift } from './drift.tsx';
import { Justification, RuleFault } from './justification.tsx';
import { Marked, placesShown } from './marked.tsx';
import { Outcome } from './outcome.tsx';
import { Seal, useSeal } from './seal.tsx';
import { Signatures } from './signatures.tsx';
import { Told } from './told.tsx';

/** What would happen, as a document to be countersigned. What is decided about is read from the pinned bytes. */
export function ApprovalCard({ approval, arrives }: { approval: ApprovalDetail; arrives: boolean }): ReactNode {
  useTitle(`${approval.tool.name}: approval`);
  const { view } = useSearch({ from: '/w/$slug/inbox/$id' });
  const envelope = useMemo(() => parseEnvelope(approval.envelope), [approval.envelope]);
  const marked = useMemo(() => markedValues(approval.highlights, envelope.arguments), [approval.highlights, envelope]);
  const shown = useMemo(() => placesShown(marked), [marked]);
  const seal = useSeal(approval.envelope, approval.payload_sha256);
  const reading = useReadToEnd(`${view ?? 'fields'} ${approval.payload_sha256}`);
  const saysOtherwise =
    envelope.tool.name !== approval.tool.name ||
    envelope.principal.id !== approval.principal.id ||
    envelope.policy !== approval.policy ||
    (envelope.policy_rule ?? null) !== approval.policy_rule ||
    (envelope.justification ?? null) !== approval.justification;
  return (
    <article aria-labelledby="approval-title" className="min-w-0 rounded-doc border border-rule bg-sheet shadow-sheet">
      <div className="grid gap-4 px-4 pt-4 pb-5 *:min-w-0 sm:px-6 sm:pt-5">
        <Head approval={approval} arrives={arrives} />
        <Outcome approval={approval} />
        {saysOtherwise && (
          <Note tone="bad" alert title="The record and the pinned bytes say different things.">
            Do not approve this. Tell whoever runs this installation.
          </Note>
        )}
        <Drift approval={approval} />
        <RuleFault approval={approval} />
        <div ref={reading.box} className="grid gap-4 *:min-w-0">
          <Justification envelope={envelope} principal={approval.principal} />
          <Marked values={marked} schema={approval.input_schema} />
          <SuspicionNote value={envelope.arguments} />
          <section aria-labelledby="payload-title">
            <div className="mb-1 flex flex-wrap items-end justify-between gap-x-3 border-b border-rule">
              <h2 id="payload-title" className="caps pb-1.5 !font-sans">
                What will be sent
              </h2>
              <ViewSwitch view={view} />
            </div>
            <Payload
              envelope={envelope}
              canonical={approval.envelope}
              highlights={approval.highlights}
              view={view ?? 'fields'}
              shown={shown}
            />
            {reading.end}
          </section>
        </div>
        <Seal seal={seal} sha256={approval.payload_sha256} />
        <Context approval={approval} />
        <Signatures approval={approval} />
        <Told approval={approval} />
      </div>
      <DecisionBar approval={approval} seal={seal} reading={reading} blocked={saysOtherwise} />
    </article>
  );
}

function Head({ approval, arrives }: { approval: ApprovalDetail; arrives: boolean }): ReactNode {
  const slug = useSlug();
  const { principal, tool, status, expires_at, call } = approval;
  const heading = useRef<HTMLHeadingElement>(null);
  // The place of the card has the focus already when the card comes later than its page; its row, when the card was open
  // by itself and is now chosen.
  useEffect(() => {
    const { activeElement: at } = document;
    if (arrives && (at === document.body || at?.matches('[data-arrive], a[data-row]')))
      heading.current?.focus({ preventScroll: true });
  }, [arrives]);
  return (
    <header className="double-rule grid gap-2 pb-3">
      <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-1">
        <p className="caps">Approval request</p>
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <ApprovalStamp approval={approval} />
          {status === 'pending' && <Countdown until={expires_at} />}
        </div>
      </div>
      <h1
        ref={heading}
        id="approval-title"
        tabIndex={-1}
        data-arrive={arrives || undefined}
        className="text-xl leading-snug wrap-anywhere outline-offset-4 sm:text-2xl"
      >
        <SafeText text={call?.sentence ?? approval.summary} />
      </h1>
      <Destination call={call} />
      <p className="flex flex-wrap items-center gap-x-2 gap-y-1 text-soft">
        <span className="min-w-0">
          <Link
            to="/w/$slug/tools/$id"
            params={{ slug, id: tool.id }}
            className="font-mono text-sm font-semibold text-accent underline wrap-anywhere"
          >
            <SafeText text={tool.name} />
          </Link>{' '}
          asked for by <Caller principal={principal} />
        </span>
        <EffectBadge effect={tool.effect} />
        <Link
          to="/w/$slug/activity"
          params={{ slug }}
          search={{ tool: tool.name, principal: principal.id }}
          className="text-sm text-accent underline"
        >
          Calls like this
        </Link>
      </p>
    </header>
  );
}

/** Who asked: a client has a page of its own, a person has none. */
function Caller({ principal }: { principal: ApprovalDetail['principal'] }): ReactNode {
  const slug = useSlug();
  const name = <SafeText text={principal.name ?? principal.id} />;
  if (principal.kind !== 'client') return <strong className="text-ink">{name}</strong>;
  return (
    <Link
      to="/w/$slug/clients/$id"
      params={{ slug, id: principal.id }}
      className="font-semibold text-accent underline wrap-anywhere"
    >
      {name}
    </Link>
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

/** What the call says of itself, which nobody has checked, and what its run had read when it was held. */
function aboutRun({ run_id: run, on_behalf_of: whom, run_labels: labels }: ApprovalDetail) {
  return [
    ...(whom === null
      ? []
      : [
          [
            'On behalf of',
            <span key="whom">
              <SafeText text={whom} /> <span className="text-soft">as the caller says</span>
            </span>,
          ] as const,
        ]),
    ...(run === null ? [] : [['Run', <SafeText key="run" text={run} />] as const]),
    ...(labels === null ? [] : [['The run has read', <LabelList key="labels" labels={labels} />] as const]),
  ];
}

function Context({ approval }: { approval: ApprovalDetail }): ReactNode {
  const { principal, approved_before: before } = approval;
  return (
    <Facts
      items={[
        [
          'Asked by',
          <span key="who">
            {principal.kind} <Caller principal={principal} />{' '}
            <code className="font-mono text-xs break-all text-soft">{principal.id}</code>
          </span>,
        ],
        ...aboutRun(approval),
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
