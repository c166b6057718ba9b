import { replaceSecrets } from '../../kernel/secret-reference.ts';
import { createScrubber, type Scrubber } from './scrubber.ts';

/** The secrets of one request: their values go out with it, and are taken out of whatever comes back. */
export type UsedSecrets = {
  /** A text with the value of each secret that it names, written as `spell` says. Throws for one that is not there. */
  fill(text: string, spell?: (value: string) => string): string;
  /** Throws for one that is not there. */
  value(name: string): string;
  readonly scrubber: Scrubber;
};

export function useSecrets(values: ReadonlyMap<string, string>): UsedSecrets {
  const opened = (name: string): string => {
    const value = values.get(name);
    if (value === undefined) throw new Error(`The secret ${name} was not opened`);
    return value;
  };
  return {
    fill: (text, spell = (value) => value) => replaceSecrets(text, (name) => spell(opened(name))),
    value: opened,
    scrubber: createScrubber(values),
  };
}
