import { Component, lazy, type ReactNode, Suspense } from 'react';
import type { HourOfCalls, Overview } from '../../api/overview.ts';
import { Panel } from '../../components/panel.tsx';
import { type Column, Table } from '../../components/table.tsx';
import { timeZone } from '../../components/time.tsx';
import { OUTCOMES } from './outcomes.ts';

const CallsChart = lazy(() => import('./charts.tsx').then(({ CallsChart }) => ({ default: CallsChart })));
const RefusedChart = lazy(() => import('./charts.tsx').then(({ RefusedChart }) => ({ default: RefusedChart })));

/** A chart and its table. Where the chart cannot be drawn, or its code not be fetched, the table says it all. */
function Figure({
  title,
  sentence,
  chart,
  table,
}: {
  title: string;
  sentence: ReactNode;
  chart?: ReactNode;
  table: ReactNode;
}): ReactNode {
  return (
    <Panel title={title}>
      <figure className="grid gap-3">
        <figcaption className="text-sm text-soft">{sentence}</figcaption>
        {chart && (
          <NoChart>
            <Suspense fallback={<div className="h-64 animate-pulse rounded-doc bg-well" aria-hidden="true" />}>
              {/* Drawn for the eye; the sentence above and the table below say the same. */}
              <div aria-hidden="true" data-chart="">
                {chart}
              </div>
            </Suspense>
          </NoChart>
        )}
        <details>
          <summary className="text-sm font-semibold text-accent">As a table</summary>
          <section
            aria-label={`${title}: table`}
            // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by key
            tabIndex={0}
            className="mt-2 max-h-96 overflow-auto rounded-doc border border-rule"
          >
            {table}
          </section>
        </details>
      </figure>
    </Panel>
  );
}

class NoChart extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override render(): ReactNode {
    return this.state.failed ? (
      <p className="text-sm text-soft">The chart could not be loaded; the table has its numbers.</p>
    ) : (
      this.props.children
    );
  }
}

const hourText = new Intl.DateTimeFormat(undefined, {
  month: 'short',
  day: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
});

/** Calls by the hour they came in, and how they stand now. */
export function Calls({ overview: { calls } }: { overview: Overview }): ReactNode {
  const sums = OUTCOMES.map(({ key, word }) => ({ word, sum: calls.reduce((sum, hour) => sum + hour[key], 0) }));
  const total = sums.reduce((all, { sum }) => all + sum, 0);
  const columns: Column<HourOfCalls>[] = [
    { head: `Hour from (${timeZone()})`, cell: ({ hour }) => hourText.format(new Date(hour)) },
    ...OUTCOMES.map(
      ({ key, word }): Column<HourOfCalls> => ({
        head: word,
        right: true,
        cell: (row) => row[key].toLocaleString(),
      }),
    ),
  ];
  return (
    <Figure
      title="Calls by hour"
      sentence={
        total === 0 ? (
          'No calls in this time.'
        ) : (
          <>
            {total.toLocaleString()} calls:{' '}
            {sums
              .filter(({ sum }) => sum > 0)
              .map(({ word, sum }) => `${sum.toLocaleString()} ${word.toLowerCase()}`)
              .join(', ')}
            . Hours are {timeZone()}.
          </>
        )
      }
      chart={total > 0 && <CallsChart calls={calls} />}
      table={<Table caption="Calls by hour" rows={[...calls].reverse()} columns={columns} id={({ hour }) => hour} />}
    />
  );
}

/** Refusals by the step of the ruling that refused. */
export function Refused({ overview: { refusals } }: { overview: Overview }): ReactNode {
  const steps = [...new Set(refusals.map(({ step }) => step))].map((step) => ({
    step,
    count: refusals.filter((each) => each.step === step).reduce((sum, { count }) => sum + count, 0),
  }));
  const total = steps.reduce((sum, { count }) => sum + count, 0);
  return (
    <Figure
      title="Refusals by step"
      sentence={total === 0 ? 'Nothing was refused in this time.' : `${total.toLocaleString()} calls were refused.`}
      chart={total > 0 && <RefusedChart steps={steps.sort((a, b) => b.count - a.count)} />}
      table={
        <Table
          caption="Refusals by step and code"
          rows={[...refusals]}
          columns={[
            { head: 'Step', cell: ({ step }) => step },
            { head: 'Code', cell: ({ code }) => <code className="font-mono text-sm break-all">{code}</code> },
            { head: 'Calls', right: true, cell: ({ count }) => count.toLocaleString() },
          ]}
          id={({ step, code }) => `${step} ${code}`}
        />
      }
    />
  );
}

/** How long a person takes: the median from the request to the last signature. */
export function Decisions({ overview: { decisions } }: { overview: Overview }): ReactNode {
  const { count, median_ms } = decisions;
  return (
    <Panel title="Time to decide">
      <p className="text-sm text-soft">
        {median_ms === null ? (
          'Nothing was decided in this time.'
        ) : (
          <>
            Half of {count.toLocaleString()} decisions came within{' '}
            <strong className="block font-serif text-2xl text-ink" data-median={median_ms}>
              {spanText(median_ms)}
            </strong>
          </>
        )}
      </p>
    </Panel>
  );
}

/** Milliseconds as a person says them: `40 s`, `3 min 20 s`, `2 h 10 min`, `3 days`. */
function spanText(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`;
  return `${Math.round(seconds / 86_400)} days`;
}
