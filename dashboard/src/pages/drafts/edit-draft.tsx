import { type ReactNode, useState } from 'react';
import { useSave } from '../../api/change.ts';
import type { DraftDetail } from '../../api/types.ts';
import { FormDialog } from '../../components/dialog.tsx';
import { TextArea } from '../../components/field.tsx';
import { ProblemNote } from '../../components/states.tsx';
import { readObject } from '../tools/schema-editor.tsx';

/** Other arguments for a draft, as JSON; the gate holds them against the tool's schema. */
export function EditDraft({ draft, onClose }: { draft: DraftDetail; onClose: () => void }): ReactNode {
  const [text, setText] = useState(() => JSON.stringify(draft.arguments, null, 2));
  const read = readObject(text);
  const { save } = useSave('/v1/drafts', {
    record: draft,
    version: draft.version,
    body: () => ({ arguments: 'value' in read ? read.value : {} }),
    families: ['drafts'],
    said: 'Edited.',
    done: onClose,
  });
  return (
    <FormDialog
      open
      onClose={onClose}
      title="Edit the draft"
      submit="Save"
      wide
      busy={save.isPending}
      ready={'value' in read}
      problem={<ProblemNote problem={save.error} />}
      onSubmit={() => save.mutate()}
    >
      <TextArea
        label={`Arguments of ${draft.tool.name}, as JSON`}
        rows={16}
        className="font-mono text-sm"
        spellCheck={false}
        value={text}
        error={'fault' in read ? read.fault : undefined}
        onChange={(event) => setText(event.target.value)}
      />
    </FormDialog>
  );
}
