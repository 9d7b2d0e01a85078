import type * as rpc from '@ccgame/rpc';

/** Tells `untraced.ts` that this was loaded. */
process.env.BENCH_SPANS = 'none';

/** The spans of `@ccgame/rpc`, of a process that knows no OpenTelemetry. */
export const isTracing = (): boolean => false;
export const startSpan: typeof rpc.startSpan = () => undefined;
export const startOwnTrace: typeof rpc.startOwnTrace = () => undefined;
export const [openTrace, contextWithin, runWithin, endSpan] = Array.from({ length: 4 }, () => (): never => {
  throw new Error('There is no span.');
});
