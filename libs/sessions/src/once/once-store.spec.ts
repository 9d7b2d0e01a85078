import type { INestApplicationContext } from '@nestjs/common';
import { AckedPublisher, DirectReader, NotRead, NotStored } from '@ccgame/jetstream';
import { ONCE_GUARD, type OnceGuard, RpcError, rpcContext } from '@ccgame/rpc';
import { type NatsServer, startNats, untilHolds } from '@ccgame/testing';
import { openProcess, sleep } from '../../test/process.js';

describe('a handler declared `once`', () => {
  let nats: NatsServer;
  let processes: INestApplicationContext[];
  let guards: OnceGuard[];
  let runs = 0;

  beforeAll(async () => {
    nats = await startNats();
    processes = await Promise.all(['a-0', 'a-1'].map((serverId) => openProcess(serverId, nats.address)));
    guards = processes.map((process) => process.get<OnceGuard>(ONCE_GUARD));
  });
  beforeEach(() => (runs = 0));
  afterAll(async () => {
    await Promise.all(processes.map((process) => process.close()));
    await nats.destroy();
  });

  const call = (server: number, request: string | undefined, work: () => unknown, timeoutMs = 5_000) => {
    const attributes = { uid: 'anna', session: 's1', ...(request && { request }) };
    return rpcContext.run({ attributes, deadline: performance.now() + timeoutMs }, () =>
      guards[server].runOnce(async () => {
        runs += 1;
        return work();
      }),
    );
  };

  it('runs once for a message that is sent again to another server, and answers the same', async () => {
    const slow = async () => {
      await sleep(200);
      return { ticket: 7 };
    };
    const answers = await Promise.all([call(0, '1', slow), call(1, '1', slow), call(0, '1', slow)]);
    expect(runs).toBe(1);
    expect(answers).toEqual([{ ticket: 7 }, { ticket: 7 }, { ticket: 7 }]);
    expect(await call(1, '1', slow)).toEqual({ ticket: 7 });
    expect(runs).toBe(1);
  });

  it('fails the same way again', async () => {
    const fail = () => {
      throw new RpcError('CONFLICT', { details: { detail: 'no' } });
    };
    await expect(call(0, '2', fail)).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(call(1, '2', fail)).rejects.toMatchObject({ code: 'CONFLICT', details: { detail: 'no' } });
    expect(runs).toBe(1);
  });

  it.each<[string, string, unknown]>([
    ['bytes', '21', Buffer.from('hello')],
    ['a Map', '22', new Map()],
    ['a bigint', '23', 1n],
  ])('fails as its server’s fault, and not as the caller’s, where it gives %s', async (_, request, data) => {
    const first = call(0, request, () => data);
    await expect(first).rejects.toThrow('The handler returned what can not be sent');
    await expect(call(1, request, () => data)).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(runs).toBe(1);
  });

  it('answers GONE when the server of the first run is dead', async () => {
    void call(0, '3', () => new Promise(() => {}));
    await sleep(100);
    await expect(call(1, '3', () => 1, 400)).rejects.toMatchObject({ code: 'GONE' });
    expect(runs).toBe(1);
  });

  it('does not begin for a caller that has gone while NATS did not answer, and runs when the message is sent again', async () => {
    nats.pause();
    const late = expect(call(0, '6', () => 1, 300)).rejects.toMatchObject({ code: 'BUSY', retryable: true });
    await sleep(400);
    nats.resume();
    await late;
    expect(runs).toBe(0);
    expect(await call(1, '6', () => 2)).toBe(2);
    expect(await call(0, '6', () => 3)).toBe(2);
    expect(runs).toBe(1);
  });

  it('answers with what came of it, though NATS was away when it ended', async () => {
    const answer = await call(0, '7', async () => {
      await nats.stop();
      return { ticket: 9 };
    });
    expect(answer).toEqual({ ticket: 9 });
    await nats.start();
    expect(await call(1, '7', () => ({ ticket: 10 }), 15_000)).toEqual({ ticket: 9 });
    expect(runs).toBe(1);
  });

  it.each<[string, string, unknown]>([
    ['is larger than NATS takes', '9', 'x'.repeat(1_100_000)],
    ['JetStream refuses for good', '10', 'refused'],
  ])(
    'answers GONE at once to a message that comes again where the first answer %s',
    async (_, request, data) => {
      const { publish } = AckedPublisher.prototype;
      jest.spyOn(AckedPublisher.prototype, 'publish').mockImplementation(async function (
        this: AckedPublisher,
        ...of
      ) {
        const isRefused = String(of[1]).includes('"refused"');
        if (isRefused) throw new NotStored('refused', 'message size exceeds maximum allowed', 10054);
        return publish.apply(this, of);
      });
      expect(await call(0, request, () => data)).toBe(data);
      const askedAt = performance.now();
      await expect(call(1, request, () => 1, 60_000)).rejects.toMatchObject({ code: 'GONE' });
      expect(performance.now() - askedAt).toBeLessThan(20_000);
      expect(runs).toBe(1);
      jest.restoreAllMocks();
    },
  );

  it('is FORBIDDEN where this server’s user of NATS lacks a right', async () => {
    jest
      .spyOn(AckedPublisher.prototype, 'publish')
      .mockRejectedValue(new NotStored('denied', 'NATS does not let this server publish there'));
    await expect(call(0, '11', () => 1)).rejects.toMatchObject({ code: 'FORBIDDEN', retryable: false });
    jest.restoreAllMocks();
    expect(runs).toBe(0);
  });

  it('can be begun again where nobody knew whether it was begun', async () => {
    const { publish } = AckedPublisher.prototype;
    jest.spyOn(AckedPublisher.prototype, 'publish').mockImplementationOnce(async function (
      this: AckedPublisher,
      ...of
    ) {
      await publish.apply(this, of);
      throw new NotStored('unknown', 'The ack was lost');
    });
    jest.spyOn(DirectReader.prototype, 'readLast').mockRejectedValueOnce(new NotRead('away'));
    await expect(call(0, '8', () => 1)).rejects.toMatchObject({ code: 'BUSY', retryable: true });
    jest.restoreAllMocks();
    const again = (): Promise<unknown> => call(1, '8', () => 2, 500).catch(() => undefined);
    await untilHolds(async () => (await again()) === 2);
    expect(runs).toBe(1);
  });

  it('runs for each message, and for each call without an id', async () => {
    await call(0, '4', () => 1);
    await call(0, '5', () => 1);
    await call(0, undefined, () => 1);
    await call(0, undefined, () => 1);
    expect(runs).toBe(4);
  });
});
