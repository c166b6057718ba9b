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
  /** The line that has begun, in the pieces it came in: put together once, when it ends. */
  #pieces: string[] = [];
  #pieceChars = 0;
  /** Whether the last chunk ended in a CR: a line break, or half of one. */
  #isAfterCr = false;
  #data: string[] = [];
  #chars = 0;
  #isMessage = true;

  /** `maxBytes`: the longest event that is kept. */
  constructor(maxBytes: number) {
    this.#maxChars = maxBytes;
  }

  /** The events that end in this chunk. Throws {@link EventTooLong}. */
  read(chunk: Buffer): string[] {
    const text = (this.#isAfterCr ? '\r' : '') + this.#decoder.write(chunk);
    // A CR at the end may be half of a line break.
    this.#isAfterCr = text.endsWith('\r');
    const lines = text.slice(0, this.#isAfterCr ? -1 : undefined).split(/\r\n|\n|\r/);
    const rest = lines.pop()!;
    const events: string[] = [];
    for (const line of lines) {
      this.#add(line);
      const whole = this.#pieces.join('');
      this.#pieces = [];
      this.#pieceChars = 0;
      const event = this.#line(whole);
      if (event !== undefined) events.push(event);
    }
    this.#add(rest);
    return events;
  }

  #add(piece: string): void {
    if (piece !== '') this.#pieces.push(piece);
    this.#pieceChars += piece.length;
    if (this.#pieceChars + this.#chars > this.#maxChars) throw new EventTooLong();
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
    // Its line break counts, too: lines without a character would go on for ever.
    this.#chars += value.length + 1;
    if (this.#chars > this.#maxChars) throw new EventTooLong();
    this.#data.push(value);
    return undefined;
  }
}
