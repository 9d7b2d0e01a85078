import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Logger } from '@nestjs/common';
import { hostileErrors } from '@ccgame/testing';
import { Gauge, register } from 'prom-client';
import { collectAtScrape } from './collect-at-scrape.js';
import { endOnFailure } from './failures.js';
import { startOpsServer } from './ops-server.js';
import { Readiness } from './readiness.js';
import { Drain } from './stop/drain.js';

const refuse = (): never => {
  throw new Error('thrown by a game');
};
const values = hostileErrors.map(([, make]) => make);

beforeAll(() => Logger.overrideLogger(false));

describe('the ops port of a server whose code throws', () => {
  let ops: Server;
  let readiness: Readiness;
  const ask = (path: string): Promise<Response> =>
    fetch(`http://127.0.0.1:${(ops.address() as AddressInfo).port}${path}`);

  beforeEach(async () => {
    readiness = new Readiness();
    readiness.state = 'running';
    ops = await startOpsServer(0, readiness);
  });
  afterEach(async () => {
    ops.closeAllConnections();
    await once(ops.close(), 'close');
    register.clear();
  });

  it('gives all metrics but the one that can’t be collected', async () => {
    new Gauge({ name: 'good', help: 'a good one' }).set(7);
    collectAtScrape(new Gauge({ name: 'bad', help: 'a bad one' }), refuse);
    collectAtScrape(new Gauge({ name: 'later', help: 'a good one' }), (later) => later.set(8));
    const answer = await ask('/metrics');
    expect(answer.status).toBe(200);
    const text = await answer.text();
    expect(text).toContain('good 7');
    expect(text).toContain('later 8');
    expect(text).not.toContain('bad');
  });

  it('is not ready while a condition throws, and says which one', async () => {
    expect((await ask('/')).status).toBe(200);
    readiness.addCheck('catalogue', refuse);
    readiness.addAll(refuse);
    const answer = await ask('/');
    expect(answer.status).toBe(503);
    expect(await answer.text()).toBe('not ready: catalogue, unknown\n');
  });
});

it('a step of the drain that throws at its call keeps none of the others from finishing', async () => {
  const drain = new Drain();
  const finished: string[] = [];
  drain.addStep('first', async () => void finished.push('first'));
  drain.addStep('bad', refuse);
  drain.addStep('last', async () => void finished.push('last'));
  const failed: string[] = [];
  await drain.runSteps(0, (name) => failed.push(name));
  expect([finished, failed]).toEqual([['first', 'last'], ['bad']]);
});

it('whatever is thrown and nobody caught is logged, and ends the process by a stop', () => {
  const listeners = new Map<string | symbol, (thrown: unknown) => void>();
  const listen = jest.spyOn(process, 'on').mockImplementation((event, listener) => {
    listeners.set(event, listener as never);
    return process;
  });
  const fatal = jest.fn();
  const stop = jest.fn();
  try {
    endOnFailure({ fatal } as unknown as Logger).stopBy(stop);
  } finally {
    listen.mockRestore();
  }
  for (const kind of ['uncaughtException', 'unhandledRejection'])
    for (const make of values) listeners.get(kind)?.(make());
  expect(fatal).toHaveBeenCalledTimes(2 * values.length);
  expect(stop).toHaveBeenCalledTimes(2 * values.length);
});
