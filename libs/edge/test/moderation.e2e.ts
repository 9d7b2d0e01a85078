import { type Client, type ClientError, connect } from '@ccgame/client';
import { type StartedServer, tokenOf, calmTime, untilHolds } from '@ccgame/testing';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { RpcModule } from '@ccgame/rpc';
import { Moderation, ModerationModule, SessionEvents } from '@ccgame/sessions';
import { Cluster } from './cluster.js';
import { Player } from './player.js';

const by = 'olga';
const reason = 'sold gold';
const later = { by, reason, forSeconds: 3_600 };
/** A player who asks at once again would be RATE_LIMITED, and at last ended for ABUSE. */
const unhurried = { everyMs: 50 };

/** A connector of the game and one of a studio's own (proof/gateway), whose `chat` and `matching.never_again` are chat. */
describe('an operator', () => {
  let cluster: Cluster;
  let connectors: StartedServer[];
  let office: INestApplicationContext;
  let moderation: Moderation;

  beforeAll(async () => {
    cluster = await Cluster.start(0);
    connectors = await Promise.all([
      cluster.addConnector({}, 'dist/test-servers/proof/gateway/connector.js'),
      cluster.addConnector(),
    ]);
    const identity = { serverId: 'admin-0', serverType: 'admin', version: '1.0.0000' };
    const root = {
      module: class {},
      imports: [RpcModule.forRoot({ identity, natsAddress: cluster.nats.address }), ModerationModule],
      providers: [SessionEvents],
    };
    office = await NestFactory.createApplicationContext(root, { logger: false });
    moderation = office.get(Moderation);
  });
  afterEach(() => cluster.leave());
  afterAll(async () => {
    await office.close();
    await cluster.stop();
  });

  const connector = (index: number): StartedServer => connectors[index];

  /** @returns how long the player's socket lasted after that, ms */
  async function closedAfter(act: () => Promise<unknown>, player: Player): Promise<number> {
    await act();
    const calmMs = calmTime();
    await player.until(() => player.disconnected !== undefined);
    return calmMs();
  }

  it('bans a player: the live socket ends, and no other opens', async () => {
    const plain = await cluster.openPlain(connector(0), 'anna');
    await closedAfter(() => moderation.banPlayer('anna', later), plain);
    expect(plain.disconnected).toBe('io server disconnect');
    const told = { code: 'BANNED', reconnect: false, reason, until: expect.any(Number) };
    expect(plain.of('session.closed')).toEqual([told]);
    for (const at of connectors) {
      await expect(Player.openSession(at.port, 'anna')).rejects.toMatchObject({
        data: { code: 'BANNED', retryable: false, details: { reason, until: expect.any(Number) } },
      });
    }
    await moderation.unbanPlayer('anna', { by, reason: 'served' });
    const untilIn = async (): Promise<Player> =>
      cluster.open(connector(1), 'anna').catch(() => new Promise((go) => setTimeout(go, 20)).then(untilIn));
    await untilIn();
  });

  it('ends a ban by itself when its time is over', async () => {
    await moderation.banPlayer('ben', { by, reason, forSeconds: 1 });
    const untilIn = async (): Promise<Player> =>
      cluster.open(connector(1), 'ben').catch(() => new Promise((go) => setTimeout(go, 50)).then(untilIn));
    await untilIn();
    expect(await moderation.sanctionsOf('ben')).toEqual({});
  });

  it('kicks a player: the session ends, no connector goes on with it, and the player may come back', async () => {
    const before = await cluster.open(connector(0), 'cas');
    await closedAfter(() => moderation.kickPlayer('cas', { by, reason }), before);
    expect(before.of('session.closed')).toEqual([{ code: 'REMOVED', reconnect: false, reason }]);
    for (const at of connectors) {
      const after = await cluster.open(at, 'cas', before.resume);
      expect(after.opened).toMatchObject({ recovered: false, notRecovered: 'unknown-session' });
      expect(after.opened?.session).not.toBe(before.opened?.session);
    }
  });

  it('ends each socket within a second', async () => {
    const times: number[] = [];
    for (const playerId of ['fay', 'gil', 'hal', 'ida', 'jan']) {
      const player = await cluster.open(connector(times.length % 2), playerId);
      times.push(await closedAfter(() => moderation.banPlayer(playerId, later), player));
    }
    expect(times.filter((ms) => ms >= 1_000)).toEqual([]);
  });

  it('mutes a player: what is chat is refused, until it is lifted, and all else goes on', async () => {
    const player = await cluster.open(connector(0), 'dan');
    const chat = (): Promise<any> => player.socket.timeout(10_000).emitWithAck('chat', { text: 'hi' });
    expect(await chat()).toMatchObject({ by: 'dan' });
    await moderation.mutePlayer('dan', later);
    const error = { code: 'MUTED', retryable: false, details: { reason, until: expect.any(Number) } };
    await untilHolds(async () => (await chat()).error?.code === 'MUTED', unhurried);
    expect(await chat()).toMatchObject({ error });
    const say = { route: 'matching.never_again', data: { mode: 'slow-0' } };
    expect(await player.ask({ ...say, timestamp: 1 })).toMatchObject({ timestamp: 1, error });
    player.socket.emit('Notify', { ...say, timestamp: 2 });
    await player.until(() => player.responses.length === 2);
    expect(player.responses[1]).toMatchObject({ timestamp: 2, error });
    const leave = { route: 'matching.user_leave_matching', data: {}, timestamp: 3 };
    expect(await player.ask(leave)).toMatchObject({ data: { outcome: 'not-waiting' } });
    await moderation.unmutePlayer('dan', { by, reason: 'sorry' });
    await untilHolds(async () => (await chat()).by === 'dan', unhurried);
  });

  it('is heard by the SDK, which says why, and until when', async () => {
    const open = (): Client =>
      connect({ url: `http://127.0.0.1:${connector(0).port}`, token: tokenOf('kim'), version: '1.0.0000' });
    const client = open();
    await client.ready;
    const errors: ClientError[] = [];
    client.on('error', (error) => errors.push(error));
    const untilTold = async (count: number): Promise<void> => {
      while (errors.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    await moderation.mutePlayer('kim', later);
    const say = ['matching.never_again', { mode: 'slow-0' }] as const;
    const said = (): Promise<unknown> => client.request(...say).catch((error: ClientError) => error.code);
    await untilHolds(async () => (await said()) === 'MUTED', unhurried);
    await client.notify(...say);
    await untilTold(1);
    await moderation.banPlayer('kim', later);
    await untilTold(2);
    const details = { reason, until: expect.any(Number) as number };
    expect(errors).toMatchObject([
      { code: 'MUTED', details },
      { code: 'BANNED', details },
    ]);
    expect(client.state).toBe('closed');
    await expect(open().ready).rejects.toMatchObject({ code: 'BANNED', details });
  });

  it('has a mute stay over a resume and on another connector', async () => {
    await moderation.mutePlayer('eve', later);
    const first = await cluster.open(connector(1), 'eve');
    const player = await cluster.open(connector(0), 'eve', first.resume);
    expect(player.opened?.recovered).toBe(true);
    const answer = await player.socket.timeout(10_000).emitWithAck('chat', { text: 'hi' });
    expect(answer).toMatchObject({ error: { code: 'MUTED' } });
  });

  it('hears what happens to a session, on whichever connector, and why', async () => {
    const told: string[] = [];
    const untilTold = async (count: number): Promise<void> => {
      while (told.length < count) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    const end = office
      .get(SessionEvents)
      .watchPlayer('lea', ({ kind, why = '' }) => told.push(`${kind} ${why}`.trim()));
    const first = await cluster.open(connector(0), 'lea');
    await untilTold(1);
    const second = await cluster.open(connector(1), 'lea', { ...first.resume, moving: true });
    await untilTold(2);
    second.cut();
    await untilTold(3);
    await cluster.open(connector(0), 'lea', second.resume);
    await untilTold(4);
    await moderation.banPlayer('lea', later);
    await untilTold(5);
    expect(told).toEqual(['opened', 'resumed', 'away transport close', 'back', 'closed BANNED']);
    end();
  });
});
