import { payload, type BenchDto } from './payload.js';

/** Calls the echo handler of a contender once. */
export type CallOnce = (data: BenchDto) => Promise<unknown>;

export interface RoundOrder {
  /** Calls in flight. */
  inFlight: number;
  /** How long, ms. */
  ms: number;
}

/** The client processes' answer to an order. */
export interface RoundResult {
  calls: number;
  perSecond: number;
}

/** Serves the orders of the parent process until it ends. */
export function serveRounds(call: CallOnce): void {
  process.on('message', (order: RoundOrder) => {
    void round(call, order).then((result) => process.send?.(result));
  });
  process.on('disconnect', () => process.exit(0));
  process.send?.('ready');
}

/** Tells the parent process that the server listens, and ends with it. */
export function serverIsReady(): void {
  process.on('disconnect', () => process.exit(0));
  process.send?.('ready');
}

async function round(call: CallOnce, { inFlight, ms }: RoundOrder): Promise<RoundResult> {
  const start = performance.now();
  const end = start + ms;
  let done = 0;
  const worker = async (): Promise<void> => {
    while (performance.now() < end) {
      const id = done++;
      const answer = (await call(payload(id))) as { id: number };
      if (answer.id !== id) {
        throw new Error(`The answer to ${id} is ${JSON.stringify(answer)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  return { calls: done, perSecond: (done / (performance.now() - start)) * 1000 };
}
