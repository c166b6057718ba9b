type Missing = { readonly name: string; readonly part: string; readonly why: string };
type Found = {
  readonly postgres: { readonly bin?: string; readonly missing?: string };
  readonly redis: { readonly path?: string; readonly missing?: string };
  readonly chromium: { readonly path?: string; readonly missing?: string };
};

export function findServices(options: { readonly fetch: boolean }): Promise<Found>;
export function startServices(found: Found): Promise<{
  readonly env: Readonly<Record<string, string>>;
  readonly missing: readonly Missing[];
  readonly stop: () => Promise<unknown>;
}>;
