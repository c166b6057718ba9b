import type { ReactNode } from 'react';

export type Config = Readonly<Record<string, unknown>>;

/** What a part of a form is given: the config so far, and what the API says about a field of it. */
export type ConfigFields = {
  readonly config: Config;
  readonly onChange: (config: Config) => void;
  readonly about: (field: string) => string | undefined;
};

/** The fields of one config, and what they begin with. */
export type ConfigForm = { readonly first: Config; readonly Fields: (props: ConfigFields) => ReactNode };

/** How a kind of connector and tool is set up on a page. */
export type KindForm = {
  /** What a tool of this kind runs, as one would say it. */
  readonly runs: string;
  readonly handler: ConfigForm;
  /** Whether its tools are taken over from somewhere, and none is made by hand. */
  readonly isImported?: true;
  /** Null where tools of this kind need no connector. */
  readonly connector: ConfigForm | null;
};
