import { type ReactNode, useMemo, useState } from 'react';
import type { Effect, OpenapiPreview } from '../../../api/types.ts';
import { Button } from '../../../components/button.tsx';
import { CONTROL, TextField } from '../../../components/field.tsx';
import { Panel } from '../../../components/panel.tsx';
import { SafeText } from '../../../components/safe-text.tsx';
import { Table } from '../../../components/table.tsx';
import { EFFECTS } from '../effects.ts';

type Operation = OpenapiPreview['operations'][number];

const STATES = { new: 'new', same: 'as it is', changed: 'changed' } as const;
/** Rows that are shown at once; the search finds the others. */
const SHOWN = 100;

/** The operations of a document, with what each would be called and do outside. */
export function Operations({
  preview,
  chosen,
  effects,
  gone,
  onChoose,
  onEffect,
  onGone,
}: {
  preview: OpenapiPreview;
  chosen: ReadonlySet<string>;
  effects: Readonly<Record<string, Effect>>;
  gone: ReadonlySet<string>;
  onChoose: (chosen: ReadonlySet<string>) => void;
  onEffect: (operation: string, effect: Effect) => void;
  onGone: (gone: ReadonlySet<string>) => void;
}): ReactNode {
  const [search, setSearch] = useState('');
  const [more, setMore] = useState(1);
  const found = useMemo(() => {
    const words = search.toLowerCase().split(/\s+/).filter(Boolean);
    return preview.operations.filter(({ operation, name, description }) => {
      const text = `${operation} ${name} ${description}`.toLowerCase();
      return words.every((word) => text.includes(word));
    });
  }, [preview, search]);
  const toggle = (set: ReadonlySet<string>, value: string): Set<string> => {
    const next = new Set(set);
    if (!next.delete(value)) next.add(value);
    return next;
  };
  const allChosen = found.length > 0 && found.every(({ operation }) => chosen.has(operation));
  return (
    <Panel
      title={`${preview.operations.length} operations, ${chosen.size} chosen`}
      aside={
        <Button
          onClick={() => {
            const next = new Set(chosen);
            for (const { operation } of found) allChosen ? next.delete(operation) : next.add(operation);
            onChoose(next);
          }}
        >
          {allChosen ? 'Choose none' : `Choose all ${found.length}`}
        </Button>
      }
      flush
    >
      <div className="border-b border-rule px-4 py-3 sm:px-5">
        <TextField
          label="Find an operation"
          hideLabel
          type="search"
          placeholder="Find an operation: a word, a path, a method"
          value={search}
          onChange={(event) => {
            setSearch(event.target.value);
            setMore(1);
          }}
        />
      </div>
      <Table
        caption="Operations of the document"
        rows={found.slice(0, more * SHOWN)}
        id={({ operation }) => operation}
        columns={[
          {
            head: 'Operation',
            cell: (row) => (
              <OperationCell
                row={row}
                isChosen={chosen.has(row.operation)}
                onToggle={() => onChoose(toggle(chosen, row.operation))}
              />
            ),
          },
          {
            head: 'Effect',
            right: true,
            cell: ({ operation, name, effect }) => (
              <select
                aria-label={`Effect of ${name}`}
                className={`${CONTROL} min-w-24 pr-8`}
                value={effects[operation] ?? effect}
                onChange={(event) => onEffect(operation, event.target.value as Effect)}
              >
                {EFFECTS.map(([value]) => (
                  <option key={value}>{value}</option>
                ))}
              </select>
            ),
          },
          { head: 'State', from: 'md', cell: ({ state }) => STATES[state] },
        ]}
      />
      {found.length > more * SHOWN && (
        <div className="border-t border-rule px-4 py-3 sm:px-5">
          <Button onClick={() => setMore(more + 1)}>Show more ({found.length - more * SHOWN})</Button>
        </div>
      )}
      {preview.gone.length > 0 && (
        <fieldset className="grid gap-2 border-t border-rule px-4 py-3 sm:px-5">
          <legend className="float-left font-semibold">No longer in the document: archive?</legend>
          {preview.gone.map(({ id, operation, name }) => (
            <label key={id} className="flex items-start gap-2.5">
              <input
                type="checkbox"
                className="mt-0.5 size-5 shrink-0 accent-accent"
                checked={gone.has(id)}
                onChange={() => onGone(toggle(gone, id))}
              />
              <span className="min-w-0 wrap-anywhere">
                <strong>{name}</strong> <SafeText text={operation} />
              </span>
            </label>
          ))}
        </fieldset>
      )}
      {preview.refused.length > 0 && (
        <details className="border-t border-rule px-4 py-3 sm:px-5">
          <summary className="cursor-pointer font-semibold">{preview.refused.length} cannot be imported</summary>
          <ul className="mt-2 grid gap-1 text-sm">
            {preview.refused.map(({ operation, reason }) => (
              <li key={operation} className="wrap-anywhere">
                <SafeText text={operation} />: <SafeText text={reason} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </Panel>
  );
}

function OperationCell({
  row,
  isChosen,
  onToggle,
}: {
  row: Operation;
  isChosen: boolean;
  onToggle: () => void;
}): ReactNode {
  const { operation, name, description, notes, changes, deprecated } = row;
  return (
    <label className="flex items-start gap-2.5">
      <input type="checkbox" className="mt-0.5 size-5 shrink-0 accent-accent" checked={isChosen} onChange={onToggle} />
      <span className="min-w-0">
        <strong className="wrap-anywhere">{name}</strong>{' '}
        {deprecated && <span className="text-soft">(deprecated)</span>}
        <span className="block font-mono text-xs break-all">
          <SafeText text={operation} />
        </span>
        <span className="block text-[0.8125rem] text-soft">
          <SafeText text={description.split('\n')[0] ?? ''} />
        </span>
        {[...changes, ...notes].map((each) => (
          <span key={each} className="block text-[0.8125rem] text-care wrap-anywhere">
            <SafeText text={each} />
          </span>
        ))}
      </span>
    </label>
  );
}
