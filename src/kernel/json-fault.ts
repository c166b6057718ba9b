/** Why a document is refused, and where: a JSON path and a short English reason without values. */
export type JsonFault = { readonly path: string; readonly reason: string };
