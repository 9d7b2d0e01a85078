import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { NatsHealth } from '@ccgame/nats';
import { type NatsServer, startNats } from '@ccgame/testing';
import { PushLog } from './push-log.js';
import { PushService } from './push.service.js';

describe('a push to a crowd', () => {
  let nats: NatsServer;
  let connection: NatsConnection;
  let pushes: PushService;
  const { append } = PushLog.prototype;

  beforeAll(async () => {
    nats = await startNats();
    connection = await connect({ servers: nats.address });
    pushes = new PushService(connection, new NatsHealth(connection));
  });
  afterAll(async () => {
    pushes.onApplicationShutdown();
    await connection.close();
    await nats.destroy();
  });
  afterEach(() => void (PushLog.prototype.append = append));

  it('leaves room for what others push meanwhile, and tells of a failure after all were tried', async () => {
    let underWay = 0;
    let most = 0;
    let told = 0;
    // By hand, as Jest takes ten seconds to note down so many calls.
    PushLog.prototype.append = async () => {
      most = Math.max(most, (underWay += 1));
      await new Promise((resolve) => setImmediate(resolve));
      underWay -= 1;
      told += 1;
      if (told === 1) throw new Error('planted');
    };
    const crowd = Array.from({ length: 100_500 }, (_, index) => `p${index}`);
    await expect(pushes.toPlayers(crowd, 'news', 1)).rejects.toThrow('planted');
    expect(told).toBe(100_500);
    expect(most).toBeLessThanOrEqual(10_000);
  });
});
