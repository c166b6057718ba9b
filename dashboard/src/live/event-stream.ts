import { createParser } from 'eventsource-parser';

/** One server-sent event (WHATWG HTML, 9.2). */
export type StreamEvent = { readonly id: string | null; readonly event: string; readonly data: string };

/**
 * Reads a `text/event-stream` chunk by chunk. The browser's own EventSource cannot send the header that chooses
 * the workspace, hence this.
 */
export class EventStreamReader {
  #complete: StreamEvent[] = [];
  readonly #parser = createParser({
    onEvent: ({ id = null, event = 'message', data }) => this.#complete.push({ id, event, data }),
  });

  /** The events that the chunk completes. An event is complete at its empty line. */
  push(chunk: string): StreamEvent[] {
    this.#parser.feed(chunk);
    const events = this.#complete;
    this.#complete = [];
    return events;
  }
}
