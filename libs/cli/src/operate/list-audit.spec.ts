import { jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { type NatsServer, startNats } from '@ccgame/testing';
import { listAudit } from './list-audit.js';
import { nowOfNats } from './now-of-nats.js';

describe('the orders of operators', () => {
  let server: NatsServer;
  let nats: NatsConnection;
  beforeAll(async () => {
    server = await startNats();
    nats = await connect({ servers: server.address });
    await (await jetstreamManager(nats)).streams.add({ name: 'ANY', subjects: ['any'] });
  });
  afterAll(async () => {
    await nats.close();
    await server.destroy();
  });

  it('are the newest where there are many, and it is said that there are more', async () => {
    const line = { at: 0, by: 'olga', action: 'ban', playerId: 'anna', reason: 'sold gold' };
    const asked: (number | undefined)[] = [];
    const listLines = ({ limit }: { limit?: number }) => {
      asked.push(limit);
      return Promise.resolve(
        [4, 3, 2, 1]
          .map((at) => ({ ...line, at }))
          .slice(0, limit)
          .reverse(),
      );
    };
    const list = (limit: number) =>
      listAudit({ audit: { listLines } as never, nats }, undefined, { since: 60, limit });
    expect(await list(2)).toMatchObject({
      json: { lines: [{ at: 3 }, { at: 4 }], hasMore: true },
      text: [expect.any(String), 'These are the newest 2: --limit shows more.'],
    });
    expect(await list(4)).toMatchObject({ json: { hasMore: false } });
    expect(asked).toEqual([3, 5]);
  });

  it.each([-600_000, 600_000])(
    'are those since a moment of NATS, on a machine that is %s ms off',
    async (offMs) => {
      const real = await nowOfNats({ nats });
      const from: (number | undefined)[] = [];
      const audit = {
        listLines: (asked: { from?: number }) => {
          from.push(asked.from);
          return Promise.resolve([]);
        },
      };
      const own = Date.now;
      const clock = jest.spyOn(Date, 'now').mockImplementation(() => own() + offMs);
      try {
        await listAudit({ audit: audit as never, nats }, undefined, { since: 60, limit: 10 });
      } finally {
        clock.mockRestore();
      }
      expect(Math.abs((from[0] ?? 0) + 60_000 - real)).toBeLessThan(120_000);
    },
  );
});
