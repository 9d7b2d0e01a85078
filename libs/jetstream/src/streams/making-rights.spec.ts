import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { natsOptions, NatsServer, untilHolds } from '@ccgame/testing';
import { ensureStream } from './ensure-stream.js';

/** `plain` may do everything; the others look, hear their answers, and `keeper` may make all but OTHER. */
const users = `
  authorization { users: [
    { user: plain, password: x }
    { user: looker, password: x, permissions: { publish: ["$SYS.REQ.USER.INFO", "$JS.API.STREAM.INFO.*"], subscribe: "_INBOX.>" } }
    { user: keeper, password: x, permissions: { publish: { allow: [
      "$SYS.REQ.USER.INFO", "$JS.API.STREAM.INFO.*", "$JS.API.STREAM.CREATE.>"
    ], deny: "$JS.API.STREAM.CREATE.OTHER" }, subscribe: "_INBOX.>" } }
    { user: old, password: x, permissions: { publish: ["$JS.API.STREAM.INFO.*"], subscribe: "_INBOX.>" } }
  ] }`;

describe('a stream that is missing, and a user', () => {
  let nats: NatsServer;
  const open: NatsConnection[] = [];
  const refusals: Record<string, string[]> = {};

  beforeAll(async () => {
    const configuration = (port: number, folder: string): string =>
      `listen: "127.0.0.1:${port}"\njetstream { store_dir: "${folder}/js" }\n${users}`;
    nats = await NatsServer.start({ ...(await natsOptions()), configuration });
  });
  afterAll(async () => {
    await Promise.all(open.map((one) => one.close()));
    await nats.destroy();
  });

  async function as(user: string): Promise<NatsConnection> {
    const connection = await connect({ servers: nats.address, user, pass: 'x' });
    open.push(connection);
    const heard = (refusals[user] = [] as string[]);
    void (async () => {
      for await (const status of connection.status())
        if (status.type === 'error') heard.push(status.error.message);
    })();
    return connection;
  }

  const ensure = async (connection: NatsConnection, name: string): Promise<void> =>
    ensureStream(await jetstreamManager(connection, { checkAPI: false }), {
      name,
      subjects: [`${name}.>`],
      max_bytes: 2 ** 20,
    });

  it('who may not make it waits for another, and NATS has nothing to refuse', async () => {
    const looker = await as('looker');
    const names = ['FIRST', 'SECOND', 'THIRD'];
    const waiting = Promise.all(names.map((name) => ensure(looker, name)));
    const plain = await as('plain');
    // Each has looked, asked for its rights, and looked again.
    await untilHolds(() => looker.stats().outMsgs > 9);
    for (const name of names) await ensure(plain, name);
    await waiting;
    expect(refusals).toMatchObject({ looker: [], plain: [] });
  });

  it('who may make some makes those, and asks for no other', async () => {
    const keeper = await as('keeper');
    await ensure(keeper, 'KEPT');
    const waiting = ensure(keeper, 'OTHER');
    await ensure(keeper, 'ALSO_KEPT');
    await ensure(await as('plain'), 'OTHER');
    await waiting;
    expect(refusals.keeper).toEqual([]);
  });

  it('who may not even ask for its rights learns them by one try', async () => {
    const old = await as('old');
    const waiting = ensure(old, 'LATE');
    await untilHolds(() => refusals.old?.length === 2);
    await ensure(await as('plain'), 'LATE');
    await waiting;
    expect(refusals.old?.map((one) => /"(.*)"/.exec(one)?.[1])).toEqual([
      '$SYS.REQ.USER.INFO',
      '$JS.API.STREAM.CREATE.LATE',
    ]);
  });
});
