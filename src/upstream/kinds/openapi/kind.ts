import { z } from 'zod';
import { refuseOwnAuthorization } from '../../authorization.ts';
import { checkHandler, connectorShape, handlerShape } from '../http/config.ts';
import { httpKind } from '../http/kind.ts';

/** Handler config of kind `openapi`: an HTTP request, and the operation of the document that it was imported from. */
export const openapiHandlerConfig = z
  .strictObject({
    ...handlerShape,
    operation: z
      .string()
      .max(1100)
      .regex(/^[A-Z]+ \/\S*( \S+)?$/, 'write its method and path, as in GET /pets/{id}'),
  })
  .superRefine(checkHandler);
export type OpenapiHandlerConfig = z.output<typeof openapiHandlerConfig>;

/** Connector config of kind `openapi`: where the API is, and where its document was read. */
export const openapiConnectorConfig = z
  .strictObject({
    ...connectorShape,
    document_url: z.string().max(2048).optional(),
  })
  .superRefine(refuseOwnAuthorization);

/** An operation of an imported OpenAPI document. */
export const openapi = httpKind({ handlerConfig: openapiHandlerConfig, connectorConfig: openapiConnectorConfig });
