import { type ReactNode, useEffect, useRef, useState } from 'react';
import { Button } from './button.tsx';

const SAID_MS = 2_000;

/** Copies text. Where the browser does not let pages copy (plain http), it selects the text instead. */
export function CopyButton({
  text,
  label = 'Copy',
  select,
}: {
  text: string;
  label?: string;
  select?: () => void;
}): ReactNode {
  const [said, setSaid] = useState<string | null>(null);
  useEffect(() => {
    if (said === null) return;
    const timer = setTimeout(() => setSaid(null), SAID_MS);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      setSaid('Copied');
    } catch {
      select?.();
      setSaid('Selected: copy it');
    }
  };
  return (
    <Button icon="copy" onClick={() => void copy()}>
      <span aria-live="polite">{said ?? label}</span>
    </Button>
  );
}

/** A command or some code, to be copied as it is. */
export function Snippet({ text, label }: { text: string; label: string }): ReactNode {
  const pre = useRef<HTMLPreElement>(null);
  const select = (): void => {
    if (pre.current) getSelection()?.selectAllChildren(pre.current);
  };
  return (
    <figure className="w-full min-w-0 rounded-doc border border-rule bg-well text-left">
      <figcaption className="flex items-center justify-between gap-3 border-b border-rule py-1 pr-1 pl-3 text-sm font-semibold text-ink">
        {label}
        <CopyButton text={text} select={select} />
      </figcaption>
      {/* It wraps and does not scroll, so nothing of it is out of the keyboard's reach. */}
      <pre
        ref={pre}
        className="p-3 font-mono text-[0.8125rem] leading-relaxed [overflow-wrap:anywhere] whitespace-pre-wrap text-ink"
      >
        {text}
      </pre>
    </figure>
  );
}
