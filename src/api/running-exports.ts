/** An export reads the whole chain, so a workspace has only so many at a time, and a person one. */
const EXPORTS_MAX_PER_WORKSPACE = 2;
/** A reader that takes nothing for so long has gone. */
const IDLE_MAX_MS = 60_000;

/** The exports under way on this node. */
export class RunningExports {
  readonly #running = new Map<string, Set<string>>();

  /** Takes a place for a person's export, or says undefined. Call what it returns when the export has ended. */
  enter(tenantId: string, userId: string): (() => void) | undefined {
    const people = this.#running.get(tenantId) ?? new Set<string>();
    if (people.size >= EXPORTS_MAX_PER_WORKSPACE || people.has(userId)) return undefined;
    this.#running.set(tenantId, people.add(userId));
    return () => {
      people.delete(userId);
      if (people.size === 0 && this.#running.get(tenantId) === people) this.#running.delete(tenantId);
    };
  }
}

/**
 * Texts as a body, asked for as they are read. A fault, or a reader who takes nothing for a minute, cuts it off, so that
 * half of it is not taken for the whole. `ended` is called once, however it ends.
 */
export function streamOf(
  texts: AsyncGenerator<string>,
  ended: () => void,
  idleMaxMs: number = IDLE_MAX_MS,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let idle: ReturnType<typeof setTimeout> | undefined;
  const end = (): void => {
    clearTimeout(idle);
    ended();
  };
  return new ReadableStream(
    {
      async pull(controller) {
        clearTimeout(idle);
        try {
          const next = await texts.next();
          if (next.done) {
            end();
            controller.close();
            return;
          }
          controller.enqueue(encoder.encode(next.value));
          idle = setTimeout(() => {
            void texts.return(undefined);
            end();
            controller.error(new Error('The reader took nothing for too long'));
          }, idleMaxMs);
          idle.unref();
        } catch (fault) {
          end();
          controller.error(fault);
        }
      },
      async cancel() {
        end();
        await texts.return(undefined);
      },
    },
    { highWaterMark: 1 },
  );
}
