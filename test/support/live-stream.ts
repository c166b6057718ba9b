/** What a live stream has told. */
export type Told = { readonly event: string; readonly data: Record<string, unknown> };

export type LiveStream = {
  readonly status: number;
  readonly told: readonly Told[];
  /** Whether the other side has ended it. */
  readonly ended: boolean;
  close(): void;
};

/** Follows `/v1/events` as whoever has the cookie, from `lastEventId` on if given. */
export async function openLiveStream(url: string, cookie: string, lastEventId?: string): Promise<LiveStream> {
  const going = new AbortController();
  const headers = { cookie, ...(lastEventId !== undefined && { 'last-event-id': lastEventId }) };
  const response = await fetch(`${url}/v1/events`, { headers, signal: going.signal });
  const told: Told[] = [];
  const stream = { status: response.status, told, ended: false, close: () => going.abort() };
  const read = async (): Promise<void> => {
    let rest = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      const events = (rest + decoder.decode(chunk, { stream: true })).split('\n\n');
      rest = events.pop() ?? '';
      for (const text of events) {
        const event = /^event: (.*)$/m.exec(text)?.[1];
        const data = /^data: (.*)$/m.exec(text)?.[1];
        if (event !== undefined && data !== undefined) told.push({ event, data: JSON.parse(data) });
      }
    }
    stream.ended = true;
  };
  read().catch(() => {
    stream.ended = true;
  });
  return stream;
}
