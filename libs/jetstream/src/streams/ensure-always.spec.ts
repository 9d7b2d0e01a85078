import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { NatsHealth } from '@ccgame/nats';
import { untilHolds } from '@ccgame/testing';
import { NatsWithUsers } from '../../../rpc/test/nats-with-users.js';
import { AckedPublisher } from '../writing/acked-publisher.js';
import { ensureAlways } from './ensure-always.js';
import { ensureStream } from './ensure-stream.js';

const hourMs = 3_600_000;

describe('a stream that is kept, and was deleted while NATS stayed connected', () => {
  let nats: NatsWithUsers;
  let operator: NatsConnection;
  const endings: (() => unknown)[] = [];

  beforeAll(async () => {
    nats = await NatsWithUsers.start({
      operator: '{}',
      deaf: '{ subscribe: { deny: "$JS.EVENT.>" } }',
    });
    operator = await connectAs('operator');
  });
  afterAll(async () => {
    for (const end of endings.splice(0).reverse()) await end();
    await nats.stop();
  });

  async function connectAs(user: string): Promise<NatsConnection> {
    const connection = await connect({ servers: nats.addressFor(user), user, pass: 'x' });
    endings.push(() => connection.close());
    return connection;
  }

  /** Looked up for a reason only, when nothing else is given. */
  async function keep(
    connection: NatsConnection,
    stream: string,
    { name = stream, everyMs }: { name?: string; everyMs?: number } = { everyMs: hourMs },
  ): Promise<NatsHealth> {
    const health = new NatsHealth(connection);
    const manager = await jetstreamManager(connection, { checkAPI: false });
    const config = { name: stream, subjects: [`${stream}.*`], max_bytes: 2 ** 20 };
    endings.push(await ensureAlways(health, () => ensureStream(manager, config), { name, everyMs }));
    return health;
  }

  const manager = () => jetstreamManager(operator);
  const isThere = async (stream: string): Promise<boolean> => {
    const { streams } = await manager();
    return streams.info(stream).then(
      () => true,
      () => false,
    );
  };

  it('is made again as NATS says that it was deleted', async () => {
    await keep(operator, 'TOLD');
    await (await manager()).streams.delete('TOLD');
    await untilHolds(() => isThere('TOLD'));
  });

  it('is made again where nobody is told: as a write to it failed, or as it is looked up more often', async () => {
    const health = await keep(operator, 'WRITTEN', { name: 'ELSEWHERE', everyMs: hourMs });
    const publisher = new AckedPublisher(operator, health);
    endings.push(() => publisher.close());
    await keep(await connectAs('deaf'), 'UNTOLD', {});
    const { streams } = await manager();
    await Promise.all([streams.delete('WRITTEN'), streams.delete('UNTOLD')]);
    const isWritten = (): Promise<boolean> =>
      publisher.publish('WRITTEN.a', 'a').then(
        () => true,
        () => false,
      );
    await Promise.all([untilHolds(isWritten), untilHolds(() => isThere('UNTOLD'))]);
  });

  it('is said to be missing when a cluster of NATS is silent for longer than an election takes', async () => {
    const health = new NatsHealth(operator);
    jest.spyOn(health, 'isClustered', 'get').mockReturnValue(true);
    let looks = 0;
    // As `ensureStream` waits for a stream whose servers are away.
    const make = (): Promise<unknown> => ((looks += 1) > 1 ? new Promise(() => {}) : Promise.resolve());
    endings.push(await ensureAlways(health, make, { name: 'SILENT', everyMs: 100 }));
    await untilHolds(() => looks > 1);
    expect(health.storage.missing()).toEqual([]);
    // Time passes eight times as fast.
    const now = performance.now.bind(performance);
    const began = now();
    jest.spyOn(performance, 'now').mockImplementation(() => began + (now() - began) * 8);
    await untilHolds(() => health.storage.missing().includes('SILENT'), { timeoutMs: 20_000 });
    jest.restoreAllMocks();
  });
});
