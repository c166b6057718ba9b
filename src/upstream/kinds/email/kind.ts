import { secretReference, secretsIn } from '../../../kernel/secret-reference.ts';
import { type EgressExceptions, isExcepted } from '../../egress-exceptions.ts';
import { checkMailHost } from '../../guarded-socket.ts';
import type { CallDescription, Kind } from '../../kind.ts';
import { type Refused, refused } from '../../outcome.ts';
import type { Readied } from '../../prepared.ts';
import { refuseHost } from '../../refuse-url.ts';
import {
  type EmailConnectorConfig,
  type EmailHandlerConfig,
  emailConnectorConfig,
  emailHandlerConfig,
  serverOf,
} from './config.ts';
import { type Delivery, deliver } from './deliver.ts';
import { ARGUMENTS, messageOf } from './message.ts';

type EmailRequest = Delivery & { readonly port: number; readonly excepted: boolean };

/** Most of a body that a description repeats; the arguments beside it have it whole. */
const SHOWN_BODY = 4000;

/** One message to a mail server. */
export const email: Kind<EmailHandlerConfig, EmailConnectorConfig, EmailRequest> = {
  handlerConfig: emailHandlerConfig,
  connectorConfig: emailConnectorConfig,
  connectors: { kinds: ['email'], required: true },

  takes(handler) {
    const open = ARGUMENTS.filter((name) => !Object.hasOwn(handler, name));
    return { needed: open.filter((name) => name === 'to' || name === 'subject'), others: open };
  },

  refuseTarget(connector, tenantId, exceptions) {
    const server = serverOf(connector);
    if (server === null) return { member: 'host', message: 'write a host in its canonical form' };
    return refuseHost('host', server, tenantId, exceptions, checkMailHost);
  },

  hostOf(connector) {
    const server = serverOf(connector);
    if (server === null) return null;
    // As hosts are written where secrets are bound to them.
    return server.port === 443 ? server.hostname : `${server.hostname}:${server.port}`;
  },

  describeConnector: ({ host, port, from }) => `${from} through ${host}:${port}`,

  describe(handler, connector, args): CallDescription {
    const from: Record<string, string> = connector === null ? {} : { from: connector.from };
    const message = args === undefined ? 'nothing yet' : messageOf(handler, args);
    if (typeof message === 'string') {
      const to = handler.to?.join(', ');
      return { sentence: to === undefined ? 'e-mail' : `e-mail to ${to}`, details: from, destination: null };
    }
    const { to, cc, bcc, subject, text, html, attachments } = message;
    const everybody = [...to, ...cc, ...bcc];
    const details: Record<string, string> = {
      ...from,
      to: to.join(', '),
      ...(cc.length > 0 && { cc: cc.join(', ') }),
      ...(bcc.length > 0 && { bcc: bcc.join(', ') }),
      subject,
      body: (text ?? html ?? '').slice(0, SHOWN_BODY),
      ...(attachments.length > 0 && { attachments: attachments.map(({ filename }) => filename).join(', ') }),
    };
    return {
      sentence: `e-mail to ${everybody.join(', ')}`,
      details,
      destination: { method: 'E-MAIL', url: `mailto:${everybody.join(',')}` },
    };
  },

  prepare(handler, connector, { tenantId, arguments: args }, exceptions) {
    const message = messageOf(handler, args);
    if (typeof message === 'string') return refused('invalid_arguments', message);
    return readied(connector!, tenantId, exceptions, { message, timeoutMs: handler.timeout_ms });
  },

  probe: (connector, tenantId, exceptions) =>
    readied(connector, tenantId, exceptions, { message: null, timeoutMs: PROBE_MS }),

  async execute({ connect }, { request }, { executionId, timeoutMs, signal, secrets }) {
    const { hostname, port, excepted, connector } = request;
    const [name] = secretsIn(connector.password ?? '');
    const password = name === undefined ? undefined : secrets?.fill(secretReference(name));
    const until = performance.now() + timeoutMs;
    const socket = await connect({ hostname, port, excepted, timeoutMs, signal });
    if ('kind' in socket) return socket;
    const leftMs = Math.max(1, until - performance.now());
    return deliver(
      request,
      { socket, executionId, timeoutMs: leftMs, ...(password !== undefined && { password }) },
      signal,
    );
  },
};

const PROBE_MS = 10_000;

function readied(
  connector: EmailConnectorConfig,
  tenantId: string,
  exceptions: EgressExceptions,
  { message, timeoutMs }: Pick<Delivery, 'message'> & { readonly timeoutMs: number },
): Readied<EmailRequest> | Refused {
  const server = serverOf(connector);
  if (server === null) return refused('egress_blocked', 'The connector names no host.');
  const { hostname, port } = server;
  const excepted = isExcepted(exceptions, tenantId, hostname, port);
  const blocked = checkMailHost(hostname, port, excepted);
  if (blocked !== null) return refused('egress_blocked', blocked.detail);
  const request = { connector, hostname, port, excepted, message };
  const names = secretsIn(connector.password ?? '');
  return {
    kind: 'prepared',
    request,
    timeoutMs,
    ...(names.length > 0 && { secrets: { names, host: email.hostOf(connector)! } }),
  };
}
