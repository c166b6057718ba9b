import { Fragment, type ReactNode, useMemo } from 'react';
import { inspectText, type Segment } from '../../../src/kernel/safe-text/inspect.ts';

const WHY: Readonly<Record<string, (readsLike: string) => string>> = {
  'mixed-scripts': (reads) => `letters of several scripts in one word; reads like “${reads}”`,
  'whole-script': (reads) => `letters of another script that look like Latin ones; reads like “${reads}”`,
  'styled-letters': (reads) => `letters in disguise; reads like “${reads}”`,
  'sign-in-address': (reads) => `a sign that passes for “${reads}” in an address`,
  'encoded-domain': (reads) => `an encoded domain, which stands for “${reads}”`,
};

/**
 * Text that somebody else wrote, as what it is and nothing else: never markup, direction isolated, characters that
 * cannot be seen as labels, look-alike words marked, white space that cannot be seen counted. `block` keeps line breaks.
 */
export function SafeText({ text, block = false }: { text: string; block?: boolean }): ReactNode {
  const segments = useMemo(() => inspectText(text, { multiline: block }), [text, block]);
  // Every line is a paragraph of its own for the bidirectional algorithm, so none can reach into another.
  return (
    <bdi className={block ? 'wrap-anywhere whitespace-pre-wrap [unicode-bidi:plaintext]' : 'wrap-anywhere'}>
      {segments.map((segment, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the segments of one text never change places
        <Fragment key={at}>{show(segment)}</Fragment>
      ))}
    </bdi>
  );
}

function show(segment: Segment): ReactNode {
  switch (segment.kind) {
    case 'text':
      return segment.text;
    case 'hidden':
      return (
        <span className="code-point" data-hidden>
          {segment.label}
        </span>
      );
    case 'blank':
      return (
        <>
          <span className="blank-mark" data-blank={segment.long ? 'long' : 'short'}>
            {segment.label}
          </span>
          {segment.text.includes('\n') && '\n'}
        </>
      );
    case 'address':
      // From left to right whatever is around it, and each part by itself, so that none changes places with another.
      return (
        <bdi dir="ltr" data-address>
          {segment.parts.map((part, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one address never change places
            <bdi key={at}>{show(part)}</bdi>
          ))}
        </bdi>
      );
    case 'look-alike': {
      const why = WHY[segment.why]?.(segment.readsLike) ?? segment.why;
      return (
        <mark className="look-alike" data-look-alike title={why}>
          {segment.text}
          <span className="ml-1 text-[0.8125rem] font-medium no-underline">
            {' '}
            [<bdi>{why}</bdi>]
          </span>
        </mark>
      );
    }
  }
}
