import { email } from './email.tsx';
import { http } from './http.tsx';
import type { KindForm } from './kind-form.ts';
import { noop } from './noop.ts';
import { openapi } from './openapi.tsx';
import { webhook } from './webhook.tsx';

/** The forms of the kinds that can be set up here, by the kind's name. */
export const KIND_FORMS: Readonly<Record<string, KindForm>> = { http, openapi, webhook, email, noop };
