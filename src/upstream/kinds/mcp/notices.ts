import type { OnProgress, UpstreamNotice } from '../../outcome.ts';
import { isObject } from './messages.ts';

/** How many notices of one call are passed on, and how long a text of one may be. */
const NOTICES_MAX = 500;
const TEXT_MAX = 4_096;

/** Passes a call's notices on, as far as they are of a known kind, short, and not too many. Never throws. */
export function passingOn(
  onNotice: OnProgress | undefined,
): (method: string, params: Readonly<Record<string, unknown>>) => void {
  let left = NOTICES_MAX;
  return (method, params) => {
    if (onNotice === undefined || left === 0) return;
    const notice = noticeOf(method, params);
    if (notice === undefined) return;
    left -= 1;
    try {
      onNotice(notice);
    } catch {
      left = 0;
    }
  };
}

function noticeOf(method: string, params: Readonly<Record<string, unknown>>): UpstreamNotice | undefined {
  if (method === 'notifications/progress') {
    const { progress, total, message } = params;
    if (typeof progress !== 'number') return undefined;
    return {
      method,
      params: {
        progress,
        ...(typeof total === 'number' && { total }),
        ...(typeof message === 'string' && { message: message.slice(0, TEXT_MAX) }),
      },
    };
  }
  if (method !== 'notifications/message') return undefined;
  const { level, logger, data } = params;
  if (typeof level !== 'string' || JSON.stringify(data ?? null).length > TEXT_MAX) return undefined;
  const who = typeof logger === 'string' ? { logger: logger.slice(0, 200) } : {};
  return { method, params: { level: level.slice(0, 20), ...who, data: isObject(data) ? data : (data ?? null) } };
}
