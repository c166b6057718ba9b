/** An integration client, known by its token. */
export type IdentifiedClient = { readonly tenantId: string; readonly clientId: string; readonly tokenId: string };
