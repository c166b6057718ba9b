import { StringDecoder } from 'node:string_decoder';

/** More than this in one event, or before the first one ends, is no message. */
export class EventTooLong extends Error {
  override readonly name = 'EventTooLong';
}

/**
 * Reads `text/event-stream` (the HTML standard, 9.2.6) as it comes, and gives the data of each event that is a message.
 * Names, ids and waiting times are not used: a stream that broke off is not taken up again.
 */
export class EventStream {
  readonly #decoder = new StringDecoder('utf8');
  readonly #maxChars: number;
  #rest = '';
  #data: string[] = [];
  #chars = 0;
  #isMessage = true;

  /** `maxBytes`: the longest event that is kept. */
  constructor(maxBytes: number) {
    this.#maxChars = maxBytes;
  }

  /** The events that end in this chunk. Throws {@link EventTooLong}. */
  read(chunk: Buffer): string[] {
    const text = this.#rest + this.#decoder.write(chunk);
    // A CR at the end may be half of a line break.
    const usable = text.endsWith('\r') ? text.length - 1 : text.length;
    const lines = text.slice(0, usable).split(/\r\n|\n|\r/);
    this.#rest = lines.pop()! + text.slice(usable);
    if (this.#rest.length + this.#chars > this.#maxChars) throw new EventTooLong();
    const events: string[] = [];
    for (const line of lines) {
      const event = this.#line(line);
      if (event !== undefined) events.push(event);
    }
    return events;
  }

  #line(line: string): string | undefined {
    if (line === '') {
      const event = this.#isMessage && this.#data.length > 0 ? this.#data.join('\n') : undefined;
      this.#data = [];
      this.#chars = 0;
      this.#isMessage = true;
      return event;
    }
    const at = line.indexOf(':');
    const field = at === -1 ? line : line.slice(0, at);
    const value = at === -1 ? '' : line.slice(line[at + 1] === ' ' ? at + 2 : at + 1);
    if (field === 'event') this.#isMessage = value === 'message' || value === '';
    if (field !== 'data') return undefined;
    this.#chars += value.length;
    if (this.#chars > this.#maxChars) throw new EventTooLong();
    this.#data.push(value);
    return undefined;
  }
}
