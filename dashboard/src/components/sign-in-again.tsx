import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { problemText } from '../api/problem-text.ts';
import { meQuery } from '../api/queries.ts';
import type { Me } from '../api/types.ts';
import { useToast } from '../shell/announce.tsx';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { askToSignIn, SignInFields, useCredentials } from './sign-in-fields.tsx';

/** After a sign-in has ended: signs in again over the page as it is, so that nothing written on it is lost. */
export function SignInAgain(): ReactNode {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button className="mt-2" onClick={() => setOpen(true)}>
        Sign in again
      </Button>
      {open && <SignInDialog onClose={() => setOpen(false)} />}
    </>
  );
}

function SignInDialog({ onClose }: { onClose: () => void }): ReactNode {
  const queryClient = useQueryClient();
  const router = useRouter();
  const toast = useToast();
  const [before] = useState(() => queryClient.getQueryData<Me>(meQuery.queryKey));
  const given = useCredentials(before?.user.email);
  const signIn = useMutation({
    networkMode: 'always',
    mutationFn: () => askToSignIn(given),
    async onSuccess() {
      toast('Signed in again. What you wrote is still here.');
      onClose();
      await queryClient.invalidateQueries();
      const me = queryClient.getQueryData<Me>(meQuery.queryKey);
      // Somebody else sees their own permissions.
      if (me?.user.id !== before?.user.id) await router.invalidate();
    },
  });
  return (
    <Dialog open onClose={onClose} title="Sign in again">
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          signIn.mutate();
        }}
      >
        <SignInFields of={given} first="password" />
        {signIn.error && (
          <p role="alert" className="rounded-doc border-l-4 border-no bg-no-wash px-3 py-2 text-sm">
            <strong>{problemText(signIn.error)}</strong>
          </p>
        )}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" kind="primary" busy={signIn.isPending}>
            Sign in
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
