import type { ReactNode } from 'react';
import { Bar, BarChart, CartesianGrid, Legend, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import type { HourOfCalls } from '../../api/overview.ts';
import { OUTCOMES } from './outcomes.ts';

const hourOf = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
const dayOf = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric' });
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

const TICK = { fill: 'var(--soft)', fontSize: 12 };
const TIP = { background: 'var(--sheet)', border: '1px solid var(--edge)', borderRadius: 3, color: 'var(--ink)' };
/** A day, and the hour it began in. */
const DAY_HOURS = 25;

/** One bar an hour, in the reader's time zone. Outcomes that did not occur are left out. */
export function CallsChart({ calls }: { calls: readonly HourOfCalls[] }): ReactNode {
  const shown = OUTCOMES.filter(({ key }) => calls.some((hour) => hour[key] > 0));
  const tick = calls.length > DAY_HOURS ? dayOf : hourOf;
  return (
    <ResponsiveContainer width="100%" height={256}>
      <BarChart data={[...calls]} margin={{ top: 4, right: 4, bottom: 0, left: 0 }} accessibilityLayer={false}>
        <CartesianGrid vertical={false} stroke="var(--rule)" />
        <XAxis
          dataKey="hour"
          tick={TICK}
          stroke="var(--edge)"
          minTickGap={24}
          tickFormatter={(hour: string) => tick.format(new Date(hour))}
        />
        <YAxis width={44} tick={TICK} stroke="var(--edge)" allowDecimals={false} />
        <Tooltip
          contentStyle={TIP}
          itemStyle={{ color: 'var(--ink)' }}
          cursor={{ fill: 'var(--well)' }}
          isAnimationActive={false}
          labelFormatter={(hour) => moment.format(new Date(String(hour)))}
        />
        <Legend itemSorter={null} formatter={(word: string) => <span className="text-sm text-ink">{word}</span>} />
        {shown.map(({ key, word, color }) => (
          <Bar
            key={key}
            dataKey={key}
            name={word}
            stackId="calls"
            fill={color}
            stroke="var(--sheet)"
            strokeWidth={1}
            isAnimationActive={false}
          />
        ))}
      </BarChart>
    </ResponsiveContainer>
  );
}

const ROW_PX = 30;

/** One bar a step, the longest first. */
export function RefusedChart({ steps }: { steps: readonly { step: string; count: number }[] }): ReactNode {
  return (
    <ResponsiveContainer width="100%" height={ROW_PX * steps.length + 32}>
      <BarChart
        layout="vertical"
        data={[...steps]}
        margin={{ top: 0, right: 12, bottom: 0, left: 0 }}
        accessibilityLayer={false}
      >
        <CartesianGrid horizontal={false} stroke="var(--rule)" />
        <XAxis type="number" tick={TICK} stroke="var(--edge)" allowDecimals={false} />
        <YAxis type="category" dataKey="step" width={108} tick={TICK} stroke="var(--edge)" interval={0} />
        <Tooltip
          contentStyle={TIP}
          itemStyle={{ color: 'var(--ink)' }}
          cursor={{ fill: 'var(--well)' }}
          isAnimationActive={false}
        />
        <Bar dataKey="count" name="Refused" fill="var(--no)" isAnimationActive={false} maxBarSize={18} />
      </BarChart>
    </ResponsiveContainer>
  );
}
