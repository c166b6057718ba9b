import type { FormEvent, ReactNode } from 'react';
import { Button } from '../../components/button.tsx';
import { ProblemNote } from '../../components/states.tsx';
import type { Entry } from './use-entry.ts';

/** The form of something that signs a person in: its fields, what went wrong, and the one button. */
export function EntryForm({
  entry,
  action,
  children,
}: {
  readonly entry: Entry;
  readonly action: ReactNode;
  readonly children: ReactNode;
}): ReactNode {
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    entry.mutate();
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      {children}
      <ProblemNote problem={entry.error} signsIn />
      <Button type="submit" kind="primary" busy={entry.isPending}>
        {action}
      </Button>
    </form>
  );
}
