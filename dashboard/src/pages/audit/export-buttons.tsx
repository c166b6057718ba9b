import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { askRaw, query } from '../../api/http.ts';
import type { Filters } from '../../api/queries.ts';
import { Button } from '../../components/button.tsx';
import { ProblemNote } from '../../components/states.tsx';
import { useSlug } from '../../workspace.tsx';

/** Takes exactly the filtered slice away as a file. */
export function ExportButtons({ filters }: { filters: Filters }): ReactNode {
  const workspace = useSlug();
  const save = useMutation({
    async mutationFn(format: 'jsonl' | 'csv') {
      const response = await askRaw(`/v1/audit/export${query({ ...filters, format })}`, {
        workspace,
        headers: { accept: '*/*' },
      });
      // The request needs a header for the workspace, so it cannot be a plain link.
      const url = URL.createObjectURL(await response.blob());
      const link = Object.assign(document.createElement('a'), { href: url, download: `${workspace}-audit.${format}` });
      link.click();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    },
  });
  return (
    <>
      <Button icon="download" busy={save.isPending} onClick={() => save.mutate('jsonl')}>
        JSONL
      </Button>
      <Button icon="download" busy={save.isPending} onClick={() => save.mutate('csv')}>
        CSV
      </Button>
      <ProblemNote problem={save.error} />
    </>
  );
}
