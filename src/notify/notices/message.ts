import type { NoticeStage } from '../../kernel/statuses.ts';

/** What a person is told, whichever way: enough to judge how urgent it is, and where to look. No way to decide. */
export type Message = {
  readonly title: string;
  readonly lines: readonly string[];
  readonly link: string;
  /** The same for every notice of one thing, so that later ones replace or follow earlier ones. */
  readonly thread: string;
};

/** What is known of an approval when people are told of it. */
export type Waiting = {
  readonly id: string;
  readonly workspace: { readonly slug: string; readonly name: string };
  readonly summary: string;
  readonly tool: string;
  readonly requester: string;
  readonly policy: string;
  readonly expiresAt: Date;
};

const TEXT_MAX = 200;

export function approvalMessage(publicUrl: string, stage: NoticeStage, waiting: Waiting, at: Date): Message {
  const { id, workspace, summary, tool, requester, policy, expiresAt } = waiting;
  const left = leftText(expiresAt.getTime() - at.getTime());
  const says = stage === 'asked' ? 'Approval needed' : `Still waiting, ${left} left`;
  return {
    title: `${says}: ${plain(summary)}`,
    lines: [
      `${plain(requester)} asks to call ${plain(tool)} in ${plain(workspace.name)}.`,
      `It expires in ${left}, at ${expiresAt.toISOString().slice(0, 16).replace('T', ' ')} UTC.`,
      ...(policy === 'approve-dual' ? ['Two people have to approve it.'] : []),
    ],
    link: new URL(`/w/${workspace.slug}/inbox/${id}`, publicUrl).href,
    thread: id,
  };
}

export function disabledMessage(
  publicUrl: string,
  { slug, name }: Waiting['workspace'],
  webhook: { readonly id: string; readonly url: string; readonly because: string | null },
): Message {
  const why = webhook.because === 'gone' ? 'its receiver answered 410' : 'every attempt failed for five days';
  return {
    title: `A webhook of ${plain(name)} was disabled`,
    lines: [`${plain(new URL(webhook.url).host)} is told of nothing any more, because ${why}.`],
    link: new URL(`/w/${slug}/settings/webhooks/${webhook.id}`, publicUrl).href,
    thread: webhook.id,
  };
}

/** Of what was folded into one notice, because there was much within the hour. */
export function severalMessage(
  publicUrl: string,
  { slug, name }: Waiting['workspace'],
  { id, approvals, webhooks }: { readonly id: string; readonly approvals: number; readonly webhooks: number },
): Message {
  const calls = `${approvals} more ${approvals === 1 ? 'call waits' : 'calls wait'} for approval`;
  const hooks = `${webhooks} more ${webhooks === 1 ? 'webhook was' : 'webhooks were'} disabled`;
  const said = [...(approvals > 0 ? [calls] : []), ...(webhooks > 0 ? [hooks] : [])];
  return {
    title: `${said.join(', ')} in ${plain(name)}`,
    lines: ['There were many within the hour, so these are told together.'],
    link: new URL(approvals > 0 ? `/w/${slug}/inbox` : `/w/${slug}/settings/webhooks`, publicUrl).href,
    thread: id,
  };
}

/** An agent's text, on one line, without what turns, hides or imitates: it stands in other people's programs. */
function plain(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\u2028\u2029\s]+/gu, ' ').trim();
  return line.length <= TEXT_MAX ? line : `${line.slice(0, TEXT_MAX - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

function leftText(ms: number): string {
  const minutes = Math.max(1, Math.round(ms / 60_000));
  if (minutes < 120) return minutes === 1 ? 'a minute' : `${minutes} minutes`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`;
}
