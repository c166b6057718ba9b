import { type ReactNode, useState } from 'react';
import { Note } from './badge.tsx';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { Checkbox } from './field.tsx';

/** Something secret that is shown this once: it is kept nowhere on the page, and is not closed before it was kept elsewhere. */
export function Once({
  title,
  what,
  about,
  children,
  onClose,
}: {
  title: string;
  /** What it is, as in “I have kept the token”. */
  what: string;
  about: ReactNode;
  children: ReactNode;
  onClose: () => void;
}): ReactNode {
  const [kept, setKept] = useState(false);
  return (
    <Dialog open onClose={() => kept && onClose()} title={title} wide>
      <div className="grid gap-4">
        <Note tone="care" title="It is shown only now.">
          {about}
        </Note>
        {children}
        <Checkbox
          label={`I have kept the ${what}`}
          checked={kept}
          onChange={(event) => setKept(event.target.checked)}
        />
        <div className="flex justify-end">
          <Button kind="primary" disabled={!kept} onClick={onClose}>
            Done
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
