import { setTimeout as sleep } from 'node:timers/promises';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { type StartedServer, untilHolds } from '@ccgame/testing';
import { Cluster } from './cluster.js';
import { Player } from './player.js';

const numbers = (count: number, from = 0): number[] => Array.from({ length: count }, (_, i) => from + i);
const leave = { route: 'matching.user_leave_matching', data: {} };

describe('a session', () => {
  let cluster: Cluster;
  let connectors: StartedServer[];

  beforeAll(async () => {
    cluster = await Cluster.start(2);
    ({ connectors } = cluster);
  });
  afterEach(() => cluster.leave());
  afterAll(() => cluster.stop());

  it('brings what was pushed while the player had no socket, on another connector', async () => {
    const before = await cluster.open(connectors[0], 'anna');
    expect(before.opened).toMatchObject({
      playerId: 'anna',
      recovered: false,
      retryPolicies: { 'matching.user_join_matching': 'once' },
    });
    await cluster.push.toPlayer('anna', 'n', 0);
    await before.until(() => before.of('n').length === 1);
    before.cut();
    for (const number of numbers(5, 1)) await cluster.push.toPlayer('anna', 'n', number);
    const after = await cluster.open(connectors[1], 'anna', before.resume);
    await cluster.push.toPlayer('anna', 'n', 6);
    await after.until(() => after.of('n').length >= 6);
    expect(after.opened).toMatchObject({ recovered: true, session: before.opened?.session });
    expect([...before.of('n'), ...after.of('n')]).toEqual(numbers(7));
    expect(await cluster.metric(connectors[1], 'resumes_total recovered')).toBe(1);
    expect(await cluster.metric(connectors[1], 'missed_pushes_total')).toBe(5);
  });

  it('is found in the log by its id, from its opening to its end', async () => {
    const connector = await cluster.addConnector({ LOG_LEVEL: 'debug' });
    const before = await cluster.open(connector, 'lara');
    before.cut();
    await cluster.open(connector, 'lara', before.resume);
    // Another device takes the session over, and a player names it who never had it.
    await cluster.open(connector, 'lara');
    const stranger = await cluster.open(connector, 'nick', before.resume);
    const untilTold = (event: string, { opened }: Player): Promise<string> =>
      connector.process.untilLogged(new RegExp(`session\\.${event} .*"session":"${opened?.session}"`), 5_000);
    for (const event of ['opened', 'resumed', 'kicked', 'closed']) await untilTold(event, before);
    await untilTold('not-recovered', stranger);
  });

  it('whose missed pushes nobody can read is refused within seconds, and is there when they can be read', async () => {
    const before = await cluster.open(connectors[0], 'zoe');
    before.cut();
    const operator = await connect({ servers: cluster.nats.address });
    const { streams } = await jetstreamManager(operator);
    await streams.update('PUSH', { allow_direct: false });
    const opening = cluster.open(connectors[1], 'zoe', before.resume);
    let isOver = false;
    void opening.catch(() => undefined).then(() => (isOver = true));
    // Marks are stored still, and no direct read is answered; a server that looks at the stream puts that right.
    while (!isOver) await streams.update('PUSH', { allow_direct: false }).then(() => sleep(5));
    await streams.update('PUSH', { allow_direct: true });
    await operator.close();
    await expect(opening).rejects.toMatchObject({ data: { code: 'BUSY' } });
    const after = await cluster.open(connectors[1], 'zoe', before.resume);
    expect(after.opened).toMatchObject({ recovered: true, session: before.opened?.session });
  });

  it('is moved before its connector stops, without a gap, and the connector then exits', async () => {
    const going = await cluster.addConnector();
    const before = await cluster.open(going, 'mia');
    const plain = await cluster.openPlain(going, 'plain');
    const stopped = going.process.stop(20_000);
    await before.until(() => before.of('session.move').length === 1);
    expect(await going.process.isReady()).toBe(false);
    await expect(Player.openSession(going.port, 'late')).rejects.toMatchObject({ data: { code: 'BUSY' } });
    expect(await cluster.metric(going, 'draining_sessions')).toBe(2);
    const after = await cluster.open(connectors[0], 'mia', { ...before.resume, moving: true });
    expect(before.disconnected).toBeUndefined();
    await cluster.push.toPlayer('mia', 'n', 1);
    await after.until(() => after.of('n').length === 1);
    expect(plain.disconnected).toBeUndefined();
    before.socket.disconnect();
    await plain.until(() => plain.disconnected !== undefined);
    expect(plain.of('session.closed')).toEqual([{ code: 'DRAINING', reconnect: true }]);
    expect(await stopped).toBe('exit code 0');
  });

  it('is asked to move in a batch of some, not with all the others of its connector', async () => {
    const going = await cluster.addConnector();
    const players = await Promise.all(numbers(80).map((number) => cluster.open(going, `herd${number}`)));
    const askedAt: number[] = [];
    for (const { socket } of players) {
      socket.on('Push', ({ route }: { route: string }) => {
        if (route !== 'session.move') return;
        askedAt.push(performance.now());
        socket.disconnect();
      });
    }
    expect(await going.process.stop(20_000)).toBe('exit code 0');
    expect(askedAt).toHaveLength(80);
    // Four batches, a quarter of a second apart.
    expect(askedAt[79] - askedAt[0]).toBeGreaterThan(400);
  });

  it('is reached in person, by its version, and with everyone', async () => {
    const one = await cluster.open(connectors[0], 'gina');
    const other = await cluster.open(connectors[1], 'gil');
    await cluster.push.toPlayers(['gina', 'nobody', 'gina'], 'to', 'players');
    await cluster.push.toVersion('9.9.9999', 'to', 'another version');
    await cluster.push.toVersion(one.opened?.version ?? '', 'to', 'version');
    await cluster.push.toAll('to', 'all');
    await one.until(() => one.of('to').length >= 3 && other.of('to').length >= 2);
    expect(one.of('to')).toEqual(['players', 'version', 'all']);
    expect(other.of('to')).toEqual(['version', 'all']);
  });

  it('is reached as a member of a group, also after a resume and its connector’s death', async () => {
    const doomed = await cluster.addConnector();
    const before = await cluster.open(doomed, 'hana');
    await cluster.groups.addMember('guild', 'hana');
    await cluster.groups.addMember('guild', 'hugo');
    await cluster.push.toGroup('guild', 'to', 1);
    await before.until(() => before.of('to').length === 1);
    await doomed.process.kill();
    await cluster.push.toGroup('guild', 'to', 2);
    const after = await cluster.open(connectors[0], 'hana', before.resume);
    await cluster.push.toGroup('guild', 'to', 3);
    await after.until(() => after.of('to').length === 2);
    expect(after.of('to')).toEqual([2, 3]);
    expect(await cluster.groups.countMembers('guild')).toBe(2);
    await cluster.groups.removeMember('guild', 'hana');
    expect(await cluster.groups.membersOf('guild')).toEqual(['hugo']);
  });

  it('is kicked, with the reason, by a second device', async () => {
    const first = await cluster.open(connectors[0], 'ben');
    const second = await cluster.open(connectors[1], 'ben');
    await first.until(() => first.disconnected !== undefined);
    expect(first.of('session.closed')).toEqual([{ code: 'KICKED', reconnect: false }]);
    expect(second.disconnected).toBeUndefined();
    await cluster.push.toPlayer('ben', 'n', 1);
    await second.until(() => second.of('n').length === 1);
    expect(first.of('n')).toEqual([]);
  });

  it('keeps the first device where the game refuses a second', async () => {
    const strict = await cluster.addConnector({ SECOND_DEVICE: 'refuse' });
    await cluster.open(connectors[0], 'carl');
    await expect(Player.open(strict.port, 'carl')).rejects.toMatchObject({ data: { code: 'CONFLICT' } });
  });

  // NATS keeps the shorter pause's connection, and the word that the player is gone waits there; the longer one's is closed after 7 s.
  it.each([3_000, 8_000])(
    'is left by a connector that was paused for %d ms while another took over, and its calls carry the older fence',
    async (pauseMs) => {
      const paused = await cluster.addConnector();
      const first = await cluster.open(paused, `pia${pauseMs}`);
      first.stayWithoutPings();
      await first.ask({ ...leave, timestamp: 1 });
      const fence = cluster.matching.fences.get(`pia${pauseMs}`) ?? 0;
      paused.process.signal('SIGSTOP');
      const second = await cluster.open(connectors[0], `pia${pauseMs}`);
      await second.ask({ ...leave, timestamp: 1 });
      expect(cluster.matching.fences.get(`pia${pauseMs}`)).toBeGreaterThan(fence);
      await cluster.push.toPlayer(`pia${pauseMs}`, 'n', 0);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      paused.process.signal('SIGCONT');
      await first.until(() => first.disconnected !== undefined);
      expect(first.of('session.closed')).toEqual([{ code: 'KICKED', reconnect: false }]);
      await untilHasOnly(second, `pia${pauseMs}`);
      expect(first.of('n')).toEqual([]);
    },
  );

  it('stays with the connector that took over, where the client of a paused one had left by itself', async () => {
    const paused = await cluster.addConnector();
    const first = await cluster.open(paused, 'pim');
    paused.process.signal('SIGSTOP');
    const second = await cluster.open(connectors[0], 'pim');
    await cluster.push.toPlayer('pim', 'n', 0);
    // Without a ping for 7 s: nobody can tell it that another device has the session.
    await first.until(() => first.disconnected !== undefined);
    expect(first.disconnected).toBe('ping timeout');
    paused.process.signal('SIGCONT');
    await untilHolds(async () => (await cluster.metric(paused, 'sessions')) === 0, { timeoutMs: 30_000 });
    await untilHasOnly(second, 'pim');
    expect(await cluster.metric(paused, 'closed_total')).toBe(1);
  });

  /** The player's second device has had push 0: it gets the next one, each of them once, and its calls go on. */
  async function untilHasOnly(second: Player, playerId: string): Promise<void> {
    await cluster.push.toPlayer(playerId, 'n', 1);
    await second.until(() => second.of('n').includes(1));
    expect(second.of('n')).toEqual([0, 1]);
    expect(await second.ask({ ...leave, timestamp: 2 })).toMatchObject({ data: { outcome: 'not-waiting' } });
    expect(second.of('session.opened')).toHaveLength(1);
    expect(second.disconnected).toBeUndefined();
  }

  it('goes on over a killed NATS, and none of its pushes is lost', async () => {
    const player = await cluster.open(connectors[0], 'kim');
    const sending = (async () => {
      for (const number of numbers(100)) {
        await cluster.push.toPlayer('kim', 'n', number);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    })();
    await player.until(() => player.of('n').length >= 20);
    await cluster.nats.restart('SIGKILL');
    await sending;
    await player.until(() => player.of('n').length >= 100);
    expect(player.of('n')).toEqual(numbers(100));
    expect(player.of('session.opened')).toHaveLength(1);
  });

  describe('is not given to a forged resume', () => {
    it('of another player’s session', async () => {
      const victim = await cluster.open(connectors[0], 'vic');
      await cluster.push.toPlayer('vic', 'secret', 1);
      await victim.until(() => victim.of('secret').length === 1);
      const thief = await cluster.open(connectors[1], 'eve', { ...victim.resume, position: 1 });
      expect(thief.opened).toMatchObject({ recovered: false, notRecovered: 'unknown-session' });
      expect(thief.of('secret')).toEqual([]);
      expect(victim.disconnected).toBeUndefined();
    });

    it('with a position of the future', async () => {
      const before = await cluster.open(connectors[0], 'fay');
      const resume = { ...before.resume, position: Number.MAX_SAFE_INTEGER - 1 };
      const after = await cluster.open(connectors[1], 'fay', resume);
      expect(after.opened).toMatchObject({ recovered: false, notRecovered: 'ahead' });
      expect(after.opened?.position).toBeLessThan(Date.now() * 1_000);
    });

    it('with a position of a log that was before this one', async () => {
      const before = await cluster.open(connectors[0], 'stan');
      const after = await cluster.open(connectors[1], 'stan', { ...before.resume, position: 7 });
      expect(after.opened).toMatchObject({ recovered: false, notRecovered: 'expired' });
      expect(after.opened?.position).toBeGreaterThanOrEqual(before.opened?.position ?? Infinity);
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
