import type { NatsConnection } from '@nats-io/nats-core';
import { longestWaitMs, Patience } from './patience.js';

/** Whether somebody answers an empty question within so many ms, and for as much longer as this process was held up itself. */
export function isAnswered(nats: NatsConnection, subject: string, silenceMs: number): Promise<boolean> {
  const askedAt = performance.now();
  return new Promise((resolve) => {
    const finish = (isThere: boolean): void => {
      patience.rest();
      resolve(isThere);
    };
    const patience = new Patience(silenceMs, (now) => patience.isOver(askedAt, now) && finish(false));
    patience.watch();
    nats.request(subject, '', { timeout: longestWaitMs(silenceMs) }).then(
      () => finish(true),
      () => finish(false),
    );
  });
}
