import { Dialog as Radix } from 'radix-ui';
import type { FormEvent, ReactNode } from 'react';
import { Button, type ButtonKind } from './button.tsx';
import { Icon } from './icon.tsx';

type Props = {
  open: boolean;
  onClose: () => void;
  title: string;
  description?: ReactNode;
  children: ReactNode;
  wide?: boolean;
};

/**
 * A modal sheet: focus stays inside, Escape closes. The ground behind it is our own element, not Radix's Overlay,
 * which would lock scrolling with an inline style sheet that the page's policy refuses; theme.css does that.
 */
export function Dialog({ open, onClose, title, description, children, wide = false }: Props): ReactNode {
  return (
    <Radix.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Radix.Portal>
        <div className="fixed inset-0 z-40 bg-rail opacity-60" aria-hidden="true" />
        <div className="pointer-events-none fixed inset-0 z-50 grid place-items-end sm:place-items-center sm:p-6">
          <Radix.Content
            className={`pointer-events-auto relative max-h-[92dvh] w-full overflow-y-auto rounded-t-lg bg-sheet p-5 shadow-sheet sm:rounded-doc sm:p-6 ${wide ? 'sm:max-w-3xl' : 'sm:max-w-lg'}`}
            {...(description === undefined && { 'aria-describedby': undefined })}
          >
            <Radix.Title className="double-rule mb-4 pr-10 pb-2 text-xl break-words">{title}</Radix.Title>
            {description && <Radix.Description className="mb-4 text-soft">{description}</Radix.Description>}
            {children}
            {/* Last, so that the first thing a dialog asks for has the focus. */}
            <Radix.Close
              className="absolute top-3.5 right-3.5 grid size-9 place-items-center rounded-doc hover:bg-accent-wash"
              aria-label="Close"
            >
              <Icon name="cross" />
            </Radix.Close>
          </Radix.Content>
        </div>
      </Radix.Portal>
    </Radix.Root>
  );
}

type FormProps = Props & {
  submit: string;
  kind?: ButtonKind;
  busy?: boolean;
  ready?: boolean;
  problem?: ReactNode;
  onSubmit: () => void;
};

/** A dialog that is a form: fields, what went wrong, and two ways out. */
export function FormDialog({
  submit,
  kind = 'primary',
  busy,
  ready = true,
  problem,
  onSubmit,
  children,
  ...rest
}: FormProps): ReactNode {
  const send = (event: FormEvent): void => {
    event.preventDefault();
    if (ready && !busy) onSubmit();
  };
  return (
    <Dialog {...rest}>
      <form onSubmit={send} className="grid gap-4" noValidate>
        {children}
        {problem}
        <div className="flex flex-wrap justify-end gap-2 pt-1">
          <Button onClick={rest.onClose}>Cancel</Button>
          <Button type="submit" kind={kind} busy={busy ?? false} disabled={!ready}>
            {submit}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
