import { type ReactNode, useEffect, useState } from 'react';
import { Icon } from '../../components/icon.tsx';
import { sha256Hex } from '../../payload/envelope.ts';

/** What this browser found when it hashed the bytes itself. `unchecked`: it offers no SHA-256 here. */
export type SealState = {
  readonly kind: 'checking' | 'match' | 'mismatch' | 'unchecked';
  readonly computed: string | null;
};

/** Hashes the bytes on screen and compares with the hash that will be approved. */
export function useSeal(canonical: string, expected: string): SealState {
  const [found, setFound] = useState<{ of: string; computed: string | null } | null>(null);
  useEffect(() => {
    let current = true;
    void sha256Hex(canonical).then((computed) => current && setFound({ of: canonical, computed }));
    return () => {
      current = false;
    };
  }, [canonical]);
  if (found?.of !== canonical) return { kind: 'checking', computed: null };
  if (found.computed === null) return { kind: 'unchecked', computed: null };
  return { kind: found.computed === expected ? 'match' : 'mismatch', computed: found.computed };
}

const WORDS = {
  checking: 'hashing these bytes…',
  match: 'checked here: your browser hashed these bytes and got the same',
  mismatch: 'these bytes do not have this hash: do not approve',
  unchecked: 'not checked: browsers hash only over https or on localhost',
} as const;

/** The hash that a decision names, and whether the bytes on screen are the ones it stands for. */
export function Seal({ seal, sha256 }: { seal: SealState; sha256: string }): ReactNode {
  const tone = { checking: 'text-soft', match: 'text-yes', mismatch: 'text-no', unchecked: 'text-care' }[seal.kind];
  return (
    <div
      data-seal={seal.kind}
      role={seal.kind === 'mismatch' ? 'alert' : undefined}
      className="flex items-start gap-3 border-y border-rule py-2.5"
    >
      <span className={tone}>
        <Icon name={seal.kind === 'mismatch' ? 'warn' : 'seal'} size={26} />
      </span>
      <div className="min-w-0">
        <p className="font-mono text-xs leading-5 break-words text-ink">
          <span className="text-soft">SHA-256 </span>
          {sha256.match(/.{8}/g)?.join(' ')}
        </p>
        <p className={`text-sm font-semibold ${tone}`}>{WORDS[seal.kind]}</p>
      </div>
    </div>
  );
}
