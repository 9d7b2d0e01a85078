import { JetStreamApiError } from '@nats-io/jetstream';
import { TimeoutError } from '@nats-io/nats-core';
import { isSilence, isToWaitFor } from './storage-problem.js';

const answerOf = (err_code: number, description: string): JetStreamApiError =>
  new JetStreamApiError({ code: 503, err_code, description });

describe('an answer of JetStream', () => {
  it.each([
    ['a cluster of NATS has no leader', answerOf(10008, 'JetStream system temporarily unavailable')],
    ['the servers that keep a stream are away', answerOf(10118, 'stream is offline')],
    ['none came', new TimeoutError()],
  ])('is silence, and waited for, where %s', (_, error) => {
    expect([isSilence(error), isToWaitFor(error, true)]).toEqual([true, true]);
  });

  it.each([
    ['there is no such stream', answerOf(10059, 'stream not found')],
    ['there is no room', answerOf(10047, 'insufficient storage resources available')],
  ])('is a refusal where %s', (_, error) => {
    expect([isSilence(error), isToWaitFor(error, true)]).toEqual([false, false]);
  });
});
