/** One server-sent event (WHATWG HTML, 9.2). */
export type StreamEvent = { readonly id: string | null; readonly event: string; readonly data: string };

/**
 * Reads a `text/event-stream` chunk by chunk. The browser's own EventSource cannot send the header that chooses
 * the workspace, hence this.
 */
export class EventStreamReader {
  #rest = '';
  #id: string | null = null;
  #event = '';
  #data: string[] = [];

  /** The events that the chunk completes. An event is complete at its empty line. */
  push(chunk: string): StreamEvent[] {
    const events: StreamEvent[] = [];
    const lines = (this.#rest + chunk).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') this.#complete(events);
      else this.#field(line);
    }
    return events;
  }

  #complete(events: StreamEvent[]): void {
    if (this.#data.length > 0) {
      events.push({ id: this.#id, event: this.#event || 'message', data: this.#data.join('\n') });
    }
    this.#event = '';
    this.#data = [];
  }

  #field(line: string): void {
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'data') this.#data.push(value);
    else if (name === 'event') this.#event = value;
    else if (name === 'id' && !value.includes('\0')) this.#id = value;
  }
}
