import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter, useSearch } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useEffect } from 'react';
import { Button } from '../../components/button.tsx';
import { askToSignIn, SignInFields, useCredentials } from '../../components/sign-in-fields.tsx';
import { ProblemNote } from '../../components/states.tsx';
import { Wordmark } from '../../shell/wordmark.tsx';
import { pathAfterSignIn } from '../../sign-in-path.ts';

/** Signing in, and back to where one came from. */
export function SignIn(): ReactNode {
  const { to } = useSearch({ from: '/sign-in' });
  const router = useRouter();
  const queryClient = useQueryClient();
  const given = useCredentials();
  const signIn = useMutation({
    mutationFn: () => askToSignIn(given),
    onSuccess() {
      queryClient.clear();
      router.history.push(pathAfterSignIn(to, window.location.origin));
    },
  });
  useEffect(() => {
    document.title = 'Sign in · Countersign';
  }, []);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    signIn.mutate();
  };
  return (
    <main className="grid min-h-dvh place-items-center p-4">
      <div className="w-full max-w-sm overflow-hidden rounded-doc border border-rule bg-sheet shadow-sheet">
        <div className="bg-rail px-6 py-4 text-on-rail">
          <Wordmark />
        </div>
        <form onSubmit={submit} className="grid gap-4 p-6">
          <div className="double-rule pb-3">
            <h1 className="text-2xl">Sign in</h1>
            <p className="text-sm text-soft">The gate between AI agents and the real world.</p>
          </div>
          <SignInFields of={given} first="email" />
          <ProblemNote problem={signIn.error} signsIn />
          <Button type="submit" kind="primary" busy={signIn.isPending}>
            Sign in
          </Button>
        </form>
      </div>
    </main>
  );
}
