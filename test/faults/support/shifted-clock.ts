/** Preloaded into a node: its wall clock is wrong by TEST_CLOCK_SHIFT_MS. Its monotonic clock runs as ever. */
const shiftMs = Number(process.env.TEST_CLOCK_SHIFT_MS);
const RightDate = Date;

globalThis.Date = new Proxy(RightDate, {
  construct(target, given, newTarget) {
    const args = given.length === 0 ? [RightDate.now() + shiftMs] : given;
    return Reflect.construct(target, args, newTarget) as object;
  },
  apply: () => new RightDate(RightDate.now() + shiftMs).toString(),
  get(target, name) {
    return name === 'now' ? () => RightDate.now() + shiftMs : Reflect.get(target, name);
  },
});
