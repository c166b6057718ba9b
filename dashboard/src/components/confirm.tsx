import { type ReactNode, useState } from 'react';
import { type After, type Change, useChange } from '../api/change.ts';
import { FormDialog } from './dialog.tsx';
import { TextField } from './field.tsx';
import { ProblemNote } from './states.tsx';

type Props = {
  title: string;
  children: ReactNode;
  submit: string;
  typed?: string;
  busy: boolean;
  problem: unknown;
  onClose: () => void;
  onConfirm: () => void;
};

/** Asks before something that cannot be undone; what destroys most wants its name typed. */
export function Confirm({ title, children, submit, typed, busy, problem, onClose, onConfirm }: Props): ReactNode {
  const [text, setText] = useState('');
  return (
    <FormDialog
      open
      onClose={onClose}
      title={title}
      description={children}
      submit={submit}
      kind="no"
      busy={busy}
      ready={typed === undefined || text === typed}
      problem={<ProblemNote problem={problem} />}
      onSubmit={onConfirm}
    >
      {typed !== undefined && (
        <TextField label={`Type ${typed} to go on`} value={text} onChange={(event) => setText(event.target.value)} />
      )}
    </FormDialog>
  );
}

/** {@link Confirm} with the change that follows. When it was made the dialog is closed, or what `done` says happens. */
export function ConfirmChange<T = unknown>({
  change,
  families,
  said,
  done,
  ...asks
}: Omit<Props, 'busy' | 'problem' | 'onConfirm'> &
  Pick<After<void, T>, 'families' | 'said' | 'done'> & { change: Change<void> }): ReactNode {
  const send = useChange<void, T>(() => change, { families, said, done: done ?? asks.onClose });
  return <Confirm {...asks} busy={send.isPending} problem={send.error} onConfirm={() => send.mutate()} />;
}
