import type { NatsConnection } from '@nats-io/nats-core';
import { longestWaitMs, Patience } from './patience.js';

/** Whether somebody answers an empty question within so many ms, and for as much longer as this process was held up itself. */
export async function isAnswered(nats: NatsConnection, subject: string, silenceMs: number): Promise<boolean> {
  return (await answerTo(nats, subject, '', silenceMs)) !== undefined;
}

/** The answer to a question, as text. Undefined: there is none, with the patience of {@link isAnswered}. */
export function answerTo(
  nats: NatsConnection,
  subject: string,
  question: string,
  silenceMs: number,
): Promise<string | undefined> {
  const askedAt = performance.now();
  return new Promise((resolve) => {
    const finish = (answer: string | undefined): void => {
      patience.rest();
      resolve(answer);
    };
    const patience = new Patience(silenceMs, (now) => patience.isOver(askedAt, now) && finish(undefined));
    patience.watch();
    nats.request(subject, question, { timeout: longestWaitMs(silenceMs) }).then(
      (answer) => finish(answer.string()),
      () => finish(undefined),
    );
  });
}
