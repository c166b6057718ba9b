import { type ReactNode, useState } from 'react';
import { Note } from './badge.tsx';
import { Button } from './button.tsx';
import { SafeText } from './safe-text.tsx';

type Values = Readonly<Record<string, unknown>>;
type State<V> = {
  readonly stamp: string;
  readonly version: number | undefined;
  readonly base: V;
  readonly mine: V;
  /** Fields that both changed, with what the others wrote. */
  readonly against: Partial<V>;
  /** Fields that only others changed: they stand in the form already. */
  readonly taken: readonly (keyof V)[];
};

/** What is being written about a record, while the record itself may change. */
export type Draft<V extends Values> = {
  readonly values: V;
  readonly set: (change: Partial<V>) => void;
  readonly isDirty: boolean;
  /** The version that the person has seen: what `If-Match` names. */
  readonly version: number | undefined;
  readonly against: Partial<V>;
  readonly taken: readonly (keyof V)[];
  /** Nothing is left to choose between. */
  readonly isSettled: boolean;
  readonly choose: (field: keyof V, whose: 'mine' | 'theirs') => void;
  /** What was saved is where the next change begins. */
  readonly saved: (values: V) => void;
};

/**
 * A form's values. When somebody else changes the record meanwhile, their changes come in where nothing was written,
 * and stand beside one's own where both wrote: nothing typed is lost and nothing is overwritten unseen.
 */
export function useDraft<R, V extends Values>(record: R | undefined, pick: (record: R | undefined) => V): Draft<V> {
  const theirs = pick(record);
  const version = (record as { readonly version?: number } | undefined)?.version;
  const stamp = stampOf(version, theirs);
  const [state, setState] = useState<State<V>>(() => fresh(theirs, version));
  if (state.stamp !== stamp) setState(merged(state, theirs, version));
  const { mine, base, against, taken } = state;
  return {
    values: mine,
    set: (change) => setState((now) => ({ ...now, mine: { ...now.mine, ...change } })),
    isDirty: fields(mine).some((field) => !same(mine[field], base[field])),
    version: state.version,
    against,
    taken,
    isSettled: Object.keys(against).length === 0,
    choose: (field, whose) =>
      setState((now) => {
        const { [field]: theirsNow, ...left } = now.against;
        const mine = whose === 'theirs' ? { ...now.mine, [field]: theirsNow } : now.mine;
        return { ...now, mine, against: left as Partial<V> };
      }),
    saved: (values) => setState((now) => ({ ...now, base: values, mine: values, against: {}, taken: [] })),
  };
}

function fresh<V extends Values>(values: V, version: number | undefined): State<V> {
  return { stamp: stampOf(version, values), version, base: values, mine: values, against: {}, taken: [] };
}

function merged<V extends Values>(before: State<V>, theirs: V, version: number | undefined): State<V> {
  const mine: Record<keyof V, unknown> = { ...before.mine };
  const against: Partial<Record<keyof V, unknown>> = {};
  const taken = new Set(before.taken);
  for (const field of fields(theirs)) {
    const moved = !same(theirs[field], before.base[field]);
    const touched = !same(before.mine[field], before.base[field]);
    if (same(theirs[field], before.mine[field])) continue;
    if (touched && (moved || field in before.against)) against[field] = theirs[field];
    else if (moved && !touched) {
      mine[field] = theirs[field];
      taken.add(field);
    }
  }
  return {
    stamp: stampOf(version, theirs),
    version,
    base: theirs,
    mine: mine as V,
    against: against as Partial<V>,
    taken: [...taken],
  };
}

const fields = <V extends Values>(values: V): (keyof V)[] => Object.keys(values);
const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);
const stampOf = (version: number | undefined, values: Values): string => JSON.stringify([version ?? null, values]);

/** What others changed while this was being written: theirs beside one's own, to choose from. */
export function DraftNote<V extends Values>({
  draft,
  words,
}: {
  draft: Draft<V>;
  /** What the form calls each field. */
  words: Readonly<Record<keyof V, string>>;
}): ReactNode {
  const disputed = fields(draft.against as Values) as (keyof V)[];
  if (disputed.length === 0 && draft.taken.length === 0) return null;
  return (
    <div data-changed-meanwhile>
      <Note tone="care" alert title="Somebody changed this while you were writing.">
        {draft.taken.length > 0 && <p>Taken over from them: {draft.taken.map((field) => words[field]).join(', ')}.</p>}
        {disputed.map((field) => (
          <section key={String(field)} aria-label={words[field]} className="mt-2 grid gap-2 border-t border-rule pt-2">
            <strong>{words[field]}</strong>
            <div className="grid gap-x-4 gap-y-2 sm:grid-cols-2">
              <Side title="Theirs" value={draft.against[field]} />
              <Side title="Yours" value={draft.values[field]} />
            </div>
            <div className="flex flex-wrap gap-2">
              <Button onClick={() => draft.choose(field, 'theirs')}>Take theirs</Button>
              <Button onClick={() => draft.choose(field, 'mine')}>Keep yours</Button>
            </div>
          </section>
        ))}
      </Note>
    </div>
  );
}

function Side({ title, value }: { title: string; value: unknown }): ReactNode {
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 1);
  return (
    <div className="min-w-0">
      <span className="caps">{title}</span>
      <div className="max-h-40 overflow-y-auto wrap-anywhere">
        {text === '' ? <span className="text-soft">empty</span> : <SafeText text={text ?? '–'} block />}
      </div>
    </div>
  );
}
