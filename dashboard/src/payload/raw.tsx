import { Fragment, type ReactNode } from 'react';
import { SafeText } from '../components/safe-text.tsx';

const STRING = /("(?:[^"\\]|\\.)*")/;

/**
 * The canonical bytes as they are. Each JSON string is isolated, so that right-to-left text in one cannot reorder
 * the punctuation around it.
 */
export function Raw({ canonical }: { canonical: string }): ReactNode {
  return (
    <pre className="font-mono text-[0.8125rem] leading-relaxed break-all whitespace-pre-wrap" dir="ltr">
      {canonical.split(STRING).map((part, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one text never change places
        <Fragment key={at}>{part.startsWith('"') ? <SafeText text={part} /> : part}</Fragment>
      ))}
    </pre>
  );
}
