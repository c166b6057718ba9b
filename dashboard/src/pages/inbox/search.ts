/** What the inbox's URL says. `show`: `all` instead of what this person can decide. */
export type InboxSearch = {
  readonly status?: string | undefined;
  readonly tool?: string | undefined;
  readonly principal?: string | undefined;
  readonly show?: string | undefined;
  readonly group?: string | undefined;
};
