import { connect } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/nats-core';
import {
  addVersion,
  drainVersion,
  firstTable,
  markLive,
  ReleaseStore,
  type Rule,
  setCanary,
  setFallback,
  type TableChange,
} from '@ccgame/releases';
import { type GameNats, startGameNats, type StartedServer, startServer } from '@ccgame/testing';
import type { ManagerOptions } from 'socket.io-client';
import { Player } from './player.js';

const note = { who: 'test', why: 'test', action: 'test' };
const channel = 'production';

/** Three versions at once behind one connector; the release table says who gets which. */
describe('the version of a player', () => {
  let nats: GameNats;
  let operator: NatsConnection;
  let store: ReleaseStore;
  let connector: StartedServer;
  const servers: StartedServer[] = [];
  const players: Player[] = [];

  beforeAll(async () => {
    nats = await startGameNats();
    operator = await connect({ servers: nats.address });
    store = await ReleaseStore.open(operator);
    await store.writeFirstTable(firstTable(channel, '1.0.0000', ['1.0.0001', '1.0.0002']), note);
    const start = async (serverType: string, version: string): Promise<StartedServer> => {
      const where = { root: process.cwd(), nats, logFolder: nats.folder };
      const server = await startServer({ ...where, serverType, version });
      servers.push(server);
      return server;
    };
    connector = await start('connector', '1.0.0000');
    for (const version of ['1.0.0000', '1.0.0001', '1.0.0002']) await start('matching', version);
    await Promise.all(servers.map(({ process: server }) => server.untilReady()));
  });
  afterEach(() => {
    for (const player of players.splice(0)) player.socket.disconnect();
  });
  afterAll(async () => {
    await Promise.all(servers.map(({ process: server }) => server.stop()));
    await operator.close();
    await nats.destroy();
  });

  async function open(
    playerId: string,
    auth: object = {},
    options: Partial<ManagerOptions> = {},
  ): Promise<Player> {
    const player = await Player.open(connector.port, playerId, { protocol: 1, ...auth }, options);
    players.push(player);
    await player.until(() => player.opened !== undefined);
    return player;
  }

  /** The server sees it within 1 s. */
  async function change(...changes: TableChange[]): Promise<void> {
    for (const one of changes) await store.changeTable(channel, one, note);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }

  let timestamp = 0;
  /** Two players are matched; their match tells which version's server made it. */
  async function matchedBy(first: Player, second: Player, version?: string): Promise<string> {
    const before = second.of('matched').length;
    for (const player of [first, second]) {
      const answer = await player.ask({
        route: 'matching.user_join_matching',
        data: { mode: 'duel' },
        timestamp: ++timestamp,
        ...(version && { version }),
      });
      expect(answer.error).toBeUndefined();
    }
    await second.until(() => second.of('matched').length > before);
    return (second.of('matched').at(-1) as { version: string }).version;
  }

  it('is stable where the player names none, and the named one where it is live', async () => {
    expect((await open('anna')).opened?.version).toBe('1.0.0000');
    expect((await open('ben', { version: '1.0.0002' })).opened?.version).toBe('1.0.0002');
  });

  it('chooses the servers that answer the player: three versions live at once', async () => {
    for (const version of ['1.0.0000', '1.0.0001', '1.0.0002']) {
      expect(await matchedBy(await open('anna', { version }), await open('ben', { version }))).toBe(version);
    }
  });

  it('gives way to the version of a message: a client of 1.0.0000 is answered by matching 1.0.0001', async () => {
    const [anna, ben] = [await open('anna'), await open('ben')];
    expect(await matchedBy(anna, ben, '1.0.0001')).toBe('1.0.0001');
    expect(await matchedBy(anna, ben)).toBe('1.0.0000');
  });

  it('is refused where it is not served, in a handshake and in a message, and the error says which to use', async () => {
    await expect(open('anna', { version: '9.9.9999' })).rejects.toMatchObject({
      data: { code: 'VERSION_GONE', details: { use: '1.0.0000' } },
    });
    const anna = await open('anna');
    const route = 'matching.user_leave_matching';
    expect(await anna.ask({ route, data: {}, timestamp: 1, version: '9.9.9999' })).toMatchObject({
      error: { code: 'VERSION_GONE', details: { use: '1.0.0000' } },
    });
  });

  it('follows header, cookie and query of the handshake, by rule and by name', async () => {
    const rules = [
      { region: 'eu', build: { from: 100, to: 200 } },
      { header: { name: 'Version', value: 'beta' } },
      { cookie: { name: 'track', value: 'beta' } },
    ];
    await change(setCanary('1.0.0002', { rules }));
    const versionOf = async (io: Partial<ManagerOptions>): Promise<string | undefined> => {
      const player = await Player.open(connector.port, 'eva', { protocol: 1 }, io);
      players.push(player);
      await player.until(() => player.opened !== undefined);
      return player.opened?.version;
    };
    expect(await versionOf({ query: { region: 'eu', build: '150' } })).toBe('1.0.0002');
    expect(await versionOf({ query: { region: 'eu', build: '201' } })).toBe('1.0.0000');
    expect(await versionOf({ extraHeaders: { version: 'beta' } })).toBe('1.0.0002');
    expect(await versionOf({ extraHeaders: { cookie: 'a=b; track=beta' } })).toBe('1.0.0002');
    expect(await versionOf({ extraHeaders: { version: '1.0.0001' } })).toBe('1.0.0001');
    expect(await versionOf({ query: { version: '1.0.0001' } })).toBe('1.0.0001');
    expect(await versionOf({ path: '/v/1.0.0001/socket.io' })).toBe('1.0.0001');
    expect(await versionOf({ path: '/v//socket.io' })).toBe('1.0.0000');
    // An empty name is none, wherever it stands.
    for (const nothing of [{ extraHeaders: { version: '' } }, { query: { version: '' } }])
      expect(await versionOf(nothing)).toBe('1.0.0000');
    const both = { extraHeaders: { version: '' }, query: { version: '1.0.0001' } };
    expect(await versionOf(both)).toBe('1.0.0001');
    expect((await open('eva', { version: '' })).opened?.version).toBe('1.0.0000');
    await expect(versionOf({ extraHeaders: { version: 'gamma' } })).rejects.toMatchObject({
      data: { code: 'VERSION_GONE', details: { use: '1.0.0000' } },
    });
  });

  it.each<[string, Rule, Partial<ManagerOptions>]>([
    ['header', { header: { name: 'X-Track', value: 'beta' } }, { extraHeaders: { 'x-track': 'beta' } }],
    ['query', { query: { name: 'track', value: 'beta' } }, { query: { track: 'beta' } }],
    ['cookie', { cookie: { name: 'track', value: 'beta' } }, { extraHeaders: { cookie: 'a=b; track=beta' } }],
  ])('chooses the servers that answer the player by a rule about a %s', async (_, rule, options) => {
    await change(setCanary('1.0.0002', { rules: [rule] }));
    const [anna, ben] = [await open('anna', {}, options), await open('ben', {}, options)];
    expect(await matchedBy(anna, ben)).toBe('1.0.0002');
    expect(await matchedBy(await open('cleo'), await open('dora'))).toBe('1.0.0000');
  });

  it('is a canary for those whom a rule names, from the next connection on', async () => {
    await change(setCanary('1.0.0002', { rules: [{ players: ['cleo'] }] }));
    expect((await open('cleo')).opened?.version).toBe('1.0.0002');
    expect((await open('dora')).opened?.version).toBe('1.0.0000');
    await change(setCanary('1.0.0001', { weight: 100 }));
    expect((await open('cleo')).opened?.version).toBe('1.0.0002');
    expect((await open('dora')).opened?.version).toBe('1.0.0001');
  });

  it('stays for players who resume while it drains, and is given to nobody new', async () => {
    const anna = await open('anna', { version: '1.0.0002' });
    await change(drainVersion('1.0.0002'));
    anna.cut();
    expect((await open('anna', { version: '1.0.0002', resume: anna.resume })).opened).toMatchObject({
      version: '1.0.0002',
      recovered: true,
    });
    await expect(open('ben', { version: '1.0.0002' })).rejects.toMatchObject({
      data: { code: 'VERSION_GONE' },
    });
  });

  it("is served by another version's servers of a type, where the table says so", async () => {
    await change(addVersion('1.0.0003'), (table) =>
      markLive('1.0.0003')(setFallback('matching', '1.0.0003', '1.0.0001')(table)),
    );
    const [anna, ben] = [
      await open('anna', { version: '1.0.0003' }),
      await open('ben', { version: '1.0.0003' }),
    ];
    expect(await matchedBy(anna, ben)).toBe('1.0.0001');
  });

  it("is a canary by weight, with a type that another version's servers serve", async () => {
    await change(setCanary('1.0.0001', { weight: 0 }), setCanary('1.0.0003', { weight: 100 }));
    const [gus, hal] = [await open('gus'), await open('hal')];
    expect([gus.opened?.version, hal.opened?.version]).toEqual(['1.0.0003', '1.0.0003']);
    expect(await matchedBy(gus, hal)).toBe('1.0.0001');
  });
});
