import { randomFillSync } from 'node:crypto';

/** W3C trace context, version 00: https://www.w3.org/TR/trace-context/#traceparent-header */
const pattern = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;
const idBytes = 24;
const pool = Buffer.alloc(idBytes * 256);
let used = pool.length;

/** A new trace, not recorded by anybody yet: by its id the lines of all servers about one request are found. */
export function newTraceparent(): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const ids = pool.toString('hex', used, used + idBytes);
  used += idBytes;
  return `00-${ids.slice(0, 32)}-${ids.slice(32)}-00`;
}

/** The client's own value, where it is a valid one. */
export function traceparentIn(value: unknown): string | undefined {
  return typeof value === 'string' && pattern.test(value) ? value : undefined;
}

/** The id of a trace; undefined without one. */
export function traceIdOf(traceparent: string | undefined): string | undefined {
  return traceparentIn(traceparent)?.slice(3, 35);
}
