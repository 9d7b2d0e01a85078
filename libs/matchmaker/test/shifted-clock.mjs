// Loaded before a server's own code: its `Date` is CLOCK_OFFSET_MS off, as on a machine whose clock is wrong.
const RealDate = Date;
const offset = Number(process.env.CLOCK_OFFSET_MS ?? 0);

globalThis.Date = class Date extends RealDate {
  constructor(...given) {
    if (given.length === 0) super(RealDate.now() + offset);
    else super(...given);
  }

  static now() {
    return RealDate.now() + offset;
  }
};
