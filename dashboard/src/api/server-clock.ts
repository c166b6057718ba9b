let offsetMs = 0;

/**
 * Notes the server's `Date` (RFC 9110, whole seconds). Countdowns run by the server's clock, because the phone's
 * may be wrong and the server is the one who refuses.
 */
export function noteServerDate(date: string | null): void {
  const server = date === null ? Number.NaN : Date.parse(date);
  if (Number.isNaN(server)) return;
  const difference = server + 500 - Date.now();
  // Less than the header can tell is no difference.
  offsetMs = Math.abs(difference) < 1_500 ? 0 : difference;
}

/** The server's time now, in milliseconds since 1970. */
export function serverNow(): number {
  return Date.now() + offsetMs;
}
