import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { RpcModule } from '#rpc';
import { Groups, PushService, SessionsModule } from '#sessions';
import { type NatsServer, startNats, type StartedServer, startServer } from '#testing';
import { Player } from './player.js';

const numbers = (count: number, from = 0): number[] => Array.from({ length: count }, (_, i) => from + i);

describe('a session', () => {
  let nats: NatsServer;
  let connectors: StartedServer[];
  let backEnd: INestApplicationContext;
  let push: PushService;
  const players: Player[] = [];

  const connector = (ordinal: number, env = {}) =>
    startServer({
      root: process.cwd(),
      version: '1.0.0000',
      serverType: 'connector',
      ordinal,
      natsAddress: nats.address,
      logFolder: nats.folder,
      env,
    });

  const open = async (at: StartedServer, ...args: [string, Player['resume']?]) => {
    const player = await Player.openSession(at.port, ...args);
    players.push(player);
    return player;
  };

  beforeAll(async () => {
    nats = await startNats();
    connectors = await Promise.all([connector(0), connector(1)]);
    const identity = { serverId: 'tester-0', serverType: 'tester', version: '1.0.0000' };
    const root = {
      module: class {},
      imports: [RpcModule.forRoot({ identity, natsAddress: nats.address }), SessionsModule],
    };
    backEnd = await NestFactory.createApplicationContext(root, { logger: false, abortOnError: false });
    push = backEnd.get(PushService);
    await Promise.all(connectors.map((one) => one.process.untilReady()));
  });
  afterEach(() => {
    for (const player of players.splice(0)) player.socket.disconnect();
  });
  afterAll(async () => {
    await Promise.all(connectors.map((one) => one.process.stop()));
    await backEnd.close();
    await nats.destroy();
  });

  it('brings what was pushed while the player had no socket, on another connector', async () => {
    const before = await open(connectors[0], 'anna');
    expect(before.opened).toMatchObject({
      recovered: false,
      resend: { 'matching.user_join_matching': 'once' },
    });
    await push.toPlayer('anna', 'n', 0);
    await before.until(() => before.of('n').length === 1);
    before.cut();
    for (const number of numbers(5, 1)) await push.toPlayer('anna', 'n', number);
    const after = await open(connectors[1], 'anna', before.resume);
    await push.toPlayer('anna', 'n', 6);
    await after.until(() => after.of('n').length >= 6);
    expect(after.opened).toMatchObject({ recovered: true, session: before.opened?.session });
    expect([...before.of('n'), ...after.of('n')]).toEqual(numbers(7));
  });

  it('is moved before its connector stops, without a gap, and the connector then exits', async () => {
    const going = await connector(2);
    await going.process.untilReady();
    const before = await open(going, 'mia');
    const plain = await Player.open(going.port, 'plain');
    const stopped = going.process.stop(20_000);
    await before.until(() => before.of('session.move').length === 1);
    await expect(Player.openSession(going.port, 'late')).rejects.toMatchObject({ data: { code: 'BUSY' } });
    const after = await open(connectors[0], 'mia', { ...before.resume, moving: true });
    expect(before.disconnected).toBeUndefined();
    await push.toPlayer('mia', 'n', 1);
    await after.until(() => after.of('n').length === 1);
    before.socket.disconnect();
    await plain.until(() => plain.disconnected !== undefined);
    expect(plain.of('session.closed')).toEqual([{ code: 'DRAINING', reconnect: true }]);
    await stopped;
  });

  it('is reached as a member of a group, by its version, and with everyone', async () => {
    const [one, other] = [await open(connectors[0], 'gina'), await open(connectors[1], 'gil')];
    const groups = backEnd.get(Groups);
    await groups.join('guild', 'gina');
    await push.toGroup('guild', 'to', 'group');
    await push.toVersion('9.9.9999', 'to', 'another version');
    await push.toVersion(one.opened?.version ?? '', 'to', 'version');
    await push.toAll('to', 'all');
    await one.until(() => one.of('to').length >= 3 && other.of('to').length >= 2);
    expect(one.of('to')).toEqual(['group', 'version', 'all']);
    expect(other.of('to')).toEqual(['version', 'all']);
  });

  it('is kicked, with the reason, by a second device', async () => {
    const first = await open(connectors[0], 'ben');
    const second = await open(connectors[1], 'ben');
    await first.until(() => first.disconnected !== undefined);
    expect(first.of('session.closed')).toEqual([{ code: 'KICKED', reconnect: false }]);
    expect(second.disconnected).toBeUndefined();
    await push.toPlayer('ben', 'n', 1);
    await second.until(() => second.of('n').length === 1);
    expect(first.of('n')).toEqual([]);
  });

  it('keeps the first device where the game refuses a second', async () => {
    const strict = await connector(3, { SECOND_DEVICE: 'refuse' });
    await strict.process.untilReady();
    await open(connectors[0], 'carl');
    await expect(Player.open(strict.port, 'carl')).rejects.toMatchObject({ data: { code: 'CONFLICT' } });
    await strict.process.stop();
  });

  it('goes on over a killed NATS, and none of its pushes is lost', async () => {
    const player = await open(connectors[0], 'kim');
    const sending = (async () => {
      for (const number of numbers(100)) {
        await push.toPlayer('kim', 'n', number);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    })();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await nats.restart('SIGKILL');
    await sending;
    await player.until(() => player.of('n').length >= 100);
    expect(player.of('n')).toEqual(numbers(100));
    expect(player.of('session.opened')).toHaveLength(1);
  });

  describe('is not given to a forged resume', () => {
    it('of another player’s session', async () => {
      const victim = await open(connectors[0], 'vic');
      await push.toPlayer('vic', 'secret', 1);
      await victim.until(() => victim.of('secret').length === 1);
      const thief = await open(connectors[1], 'eve', { ...victim.resume, position: 1 });
      expect(thief.opened).toMatchObject({ recovered: false, notRecovered: 'unknown-session' });
      expect(thief.of('secret')).toEqual([]);
      expect(victim.disconnected).toBeUndefined();
    });

    it('with a position of the future', async () => {
      const before = await open(connectors[0], 'fay');
      const resume = { ...before.resume, position: Number.MAX_SAFE_INTEGER - 1 };
      const after = await open(connectors[1], 'fay', resume);
      expect(after.opened).toMatchObject({ recovered: false, notRecovered: 'ahead' });
      expect(after.opened?.position).toBeLessThan(Date.now() * 1_000);
    });

    it.each<[string, object]>([
      ['a session that is no text', { session: 7 }],
      ['a negative position', { position: -1 }],
      ['a position that is text', { position: '1' }],
    ])('with %s', async (_, wrong) => {
      const resume = { session: 's', position: 1, ...wrong } as Player['resume'];
      await expect(Player.openSession(connectors[0].port, 'hal', resume)).rejects.toMatchObject({
        data: { code: 'INVALID' },
      });
    });
  });
});
