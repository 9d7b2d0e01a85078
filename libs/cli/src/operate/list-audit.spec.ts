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
        await listAudit({ audit: audit as never, nats }, undefined, 60);
      } finally {
        clock.mockRestore();
      }
      expect(Math.abs((from[0] ?? 0) + 60_000 - real)).toBeLessThan(120_000);
    },
  );
});
