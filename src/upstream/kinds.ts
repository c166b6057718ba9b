import type { Kind } from './kind.ts';
import { email } from './kinds/email/kind.ts';
import { http } from './kinds/http/kind.ts';
import { noop } from './kinds/noop/kind.ts';
import { openapi } from './kinds/openapi/kind.ts';
import { webhook } from './kinds/webhook/kind.ts';

/**
 * Every kind of connector and of tool, by its name. Whoever looks a config up here has it parsed by the kind's own
 * schema first, which is why the table forgets what each kind calls its configs.
 */
export const KINDS = { http, openapi, webhook, email, noop } as unknown as Readonly<Record<string, Kind>>;
