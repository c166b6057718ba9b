import { Fragment, type ReactNode } from 'react';
import { inspectText, type Segment } from '../../../src/kernel/safe-text/inspect.ts';

const WHY: Readonly<Record<string, (readsLike: string) => string>> = {
  'mixed-scripts': (reads) => `letters of several scripts in one word; reads like “${reads}”`,
  'whole-script': (reads) => `letters of another script that look like Latin ones; reads like “${reads}”`,
  'styled-letters': (reads) => `letters in disguise; reads like “${reads}”`,
  'sign-in-address': (reads) => `a sign that passes for “${reads}” in an address`,
  'encoded-domain': (reads) => `an encoded international domain (“${reads}”)`,
};

/**
 * Text that somebody else wrote, as what it is and nothing else: never markup, direction isolated, characters that
 * cannot be seen as labels, look-alike words marked. `block` keeps line breaks.
 */
export function SafeText({ text, block = false }: { text: string; block?: boolean }): ReactNode {
  const segments = inspectText(text, { multiline: block });
  // Every line is a paragraph of its own for the bidirectional algorithm, so none can reach into another.
  return (
    <bdi className={block ? 'break-words whitespace-pre-wrap [unicode-bidi:plaintext]' : 'break-words'}>
      {segments.map((segment, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the segments of one text never change places
        <Fragment key={at}>{show(segment)}</Fragment>
      ))}
    </bdi>
  );
}

function show(segment: Segment): ReactNode {
  if (segment.kind === 'text') return segment.text;
  if (segment.kind === 'hidden') {
    return (
      <span className="code-point" data-hidden>
        {segment.label}
      </span>
    );
  }
  const why = WHY[segment.why]?.(segment.readsLike) ?? segment.why;
  return (
    <mark className="look-alike" data-look-alike title={why}>
      {segment.text}
      <span className="ml-1 text-[0.8125rem] font-medium no-underline"> [{why}]</span>
    </mark>
  );
}
