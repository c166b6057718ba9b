import { Dialog as Radix } from 'radix-ui';
import { type FormEvent, type ReactNode, type SyntheticEvent, useEffect, useState } from 'react';
import { useOnline } from '../live/online.ts';
import { Button, type ButtonKind } from './button.tsx';
import { Icon } from './icon.tsx';
import { type Leaving, useUnsaved } from './unsaved.ts';
import { useWayBack } from './way-back.ts';

type Props = {
  open: boolean;
  onClose: () => void;
  title: string;
  description?: ReactNode;
  children: ReactNode;
  wide?: boolean;
};

/**
 * A modal sheet: focus stays inside, Escape closes, and afterwards focus is where it was. The ground behind it is our
 * own element, not Radix's Overlay, which would lock scrolling with an inline style sheet that the page's policy
 * refuses; theme.css does that.
 */
export function Dialog({ open, onClose, ...sheet }: Props): ReactNode {
  return (
    <Radix.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Radix.Portal>
        <Sheet {...sheet} />
      </Radix.Portal>
    </Radix.Root>
  );
}

/**
 * React hands an event from a portal on to the parents in the tree of components, where a form may stand that this
 * dialog is no part of. What is sent or written in here is nobody else's.
 */
const keepInside = (event: SyntheticEvent): void => event.stopPropagation();

/** Mounted only while the dialog is open, so that the way back begins where the dialog was opened from. */
function Sheet({ title, description, children, wide = false }: Omit<Props, 'open' | 'onClose'>): ReactNode {
  const goBack = useWayBack();
  return (
    <div onSubmit={keepInside} onReset={keepInside} onInput={keepInside} onChange={keepInside}>
      <div className="fixed inset-0 z-40 bg-rail opacity-60" aria-hidden="true" />
      <div className="pointer-events-none fixed inset-0 z-50 grid place-items-end sm:place-items-center sm:p-6">
        <Radix.Content
          className={`pointer-events-auto relative max-h-[92dvh] w-full overflow-y-auto rounded-t-lg bg-sheet p-5 shadow-sheet sm:rounded-doc sm:p-6 ${wide ? 'sm:max-w-3xl' : 'sm:max-w-lg'}`}
          {...(description === undefined && { 'aria-describedby': undefined })}
          onCloseAutoFocus={goBack}
        >
          <Radix.Title className="double-rule mb-4 pr-10 pb-2 text-xl wrap-anywhere">{title}</Radix.Title>
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
    </div>
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

/**
 * A dialog that is a form: fields, what went wrong, and two ways out. Once something was written in it, it is not
 * closed by a key or a press beside it without asking.
 */
export function FormDialog({
  submit,
  kind = 'primary',
  busy = false,
  ready = true,
  problem,
  onSubmit,
  onClose,
  children,
  ...rest
}: FormProps): ReactNode {
  const online = useOnline();
  const [written, setWritten] = useState(false);
  const [asking, setAsking] = useState(false);
  const { open } = rest;
  const leaving = useUnsaved(open && written && !busy);
  // One that stays in the page while it is closed opens anew, and holds nobody meanwhile.
  useEffect(() => {
    if (open) return;
    setWritten(false);
    setAsking(false);
  }, [open]);
  const send = (event: FormEvent): void => {
    event.preventDefault();
    if (ready && !busy && online) onSubmit();
  };
  return (
    <Dialog {...rest} onClose={written ? () => setAsking(true) : onClose}>
      <form onSubmit={send} onInput={() => setWritten(true)} className="grid gap-4" noValidate>
        {children}
        {problem}
        {/* With keys, so that no button turns into another while it is being pressed: into one that sends, for one. */}
        {asking ? (
          <div key="asking" role="alert" className="flex flex-wrap items-center justify-end gap-2 pt-1">
            <p className="min-w-0 flex-1 basis-40 font-semibold">Throw away what you wrote?</p>
            <Button autoFocus onClick={() => setAsking(false)}>
              Keep writing
            </Button>
            <Button kind="no" onClick={onClose}>
              Throw away
            </Button>
          </div>
        ) : (
          <div key="ways" className="flex flex-wrap justify-end gap-2 pt-1">
            <Button onClick={onClose}>Cancel</Button>
            <Button type="submit" kind={kind} busy={busy} disabled={!ready}>
              {submit}
            </Button>
          </div>
        )}
      </form>
      <LeaveDialog leaving={leaving} />
    </Dialog>
  );
}

/** Asks before what was written is lost with the page. */
export function LeaveDialog({ leaving }: { leaving: Leaving }): ReactNode {
  if (leaving === null) return null;
  return (
    <Dialog open onClose={leaving.stay} title="Leave without saving?">
      <p className="mb-4">What you wrote on this page is not saved and would be lost.</p>
      <div className="flex flex-wrap justify-end gap-2">
        <Button kind="no" onClick={leaving.go}>
          Leave
        </Button>
        <Button kind="primary" autoFocus onClick={leaving.stay}>
          Stay and keep writing
        </Button>
      </div>
    </Dialog>
  );
}
