import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type StartedServer, tokenOf } from '@ccgame/testing';
import { Cluster } from './cluster.js';
import { PlainClient } from './plain-client.js';
import { Player } from './player.js';

const leave = { route: 'matching.user_leave_matching', data: {}, timestamp: 1 };

/** A connector of a studio's own (proof/gateway): its gateway and hooks stand beside the game's. */
describe('a studio’s own gateway on the players’ socket', () => {
  let cluster: Cluster;
  let connector: StartedServer;

  beforeAll(async () => {
    cluster = await Cluster.start(0);
    connector = await cluster.addConnector(
      { SESSION_RATE: '5', SESSION_BURST: '150' },
      'dist/test-servers/proof/gateway/connector.js',
    );
  });
  afterEach(() => cluster.leave());
  afterAll(() => cluster.stop());

  /** The acknowledgement of an event. */
  function emit(player: Player, event: string, ...args: unknown[]): Promise<any> {
    return player.socket.timeout(10_000).emitWithAck(event, ...args);
  }

  const logged = (): string => {
    const { folder } = cluster.nats;
    const files = readdirSync(folder).filter((file) => file.startsWith('connector'));
    return files.map((file) => readFileSync(join(folder, file), 'utf8')).join('\n');
  };

  it('lets a player in whose hook takes six of the ten seconds that it may', async () => {
    const client = new PlainClient(connector.port, { token: tokenOf('slow-sam') });
    const ends: unknown[] = [];
    client.socket.io.on('close', (reason) => ends.push(reason));
    await client.next('connect');
    expect(ends).toEqual([]);
    client.socket.disconnect();
  });

  it('gets the authenticated session, through Nest’s interceptors', async () => {
    const player = await cluster.open(connector, 'anna');
    expect(await emit(player, 'chat', { text: 'hi' })).toEqual({
      by: 'anna',
      version: '1.0.0000',
      session: player.opened?.session,
      line: expect.any(Number),
    });
    expect(player.of('chat.said')).toEqual([{ text: 'hi' }]);
  });

  it.each([
    ['a guard', 'muted', { text: 'hi' }, { code: 'FORBIDDEN' }],
    ['a pipe', 'ben', { text: 7 }, { code: 'INVALID', details: { problems: [{ field: 'text' }, {}] } }],
    ['the handler', 'ben', { text: 'late' }, { code: 'BUSY', retryable: true, retryAfterMs: 5 }],
    ['the handler, with what JSON can not hold,', 'ben', { text: 'odd' }, { code: 'BUSY', retryable: true }],
    ['a hook', 'ben', { text: 'secret' }, { code: 'FORBIDDEN', details: { why: 'secret' } }],
  ])('answers with a typed error where %s refuses', async (_, playerId, data, error) => {
    const player = await cluster.openPlain(connector, playerId);
    expect(await emit(player, 'chat', data)).toMatchObject({ error });
    const told = new Promise((resolve) => player.socket.once('exception', resolve));
    player.socket.emit('chat', data);
    expect(await told).toMatchObject({ event: 'chat', error });
  });

  it('has filters of its own, and answers by events', async () => {
    const player = await cluster.openPlain(connector, 'cas');
    const next = (event: string) => new Promise((resolve) => player.socket.once(event, resolve));
    const [warned, rolled] = [next('warning'), next('rolled')];
    player.socket.emit('chat', { text: 'bad' });
    player.socket.emit('roll');
    expect(await warned).toEqual({ text: 'Mind your words.' });
    expect(await rolled).toEqual({ eyes: 4 });
  });

  it('may send text alone, which socket.io’s client does not take for its place', async () => {
    const client = new PlainClient(connector.port, { token: tokenOf('tom') });
    await client.next('connect');
    await cluster.push.toPlayer('tom', 'n', 1);
    await client.until(() => client.of('n').length === 1);
    client.socket.emit('toast');
    expect(await client.next('toasted')).toBe('cheers');
    client.cut();
    await cluster.push.toPlayer('tom', 'n', 2);
    await client.reconnectAt(connector.port);
    await client.until(() => client.of('n').length >= 2);
    expect([client.socket.recovered, client.of('n')]).toEqual([true, [1, 2]]);
    client.socket.disconnect();
  });

  it('closes a session with a reason', async () => {
    const player = await cluster.openPlain(connector, 'dan');
    player.socket.emit('leave');
    await player.until(() => player.disconnected !== undefined);
    expect(player.of('session.closed')).toEqual([{ code: 'LEFT', reconnect: false }]);
    await player.until(() => /greet\.gone .*"playerId":"dan".*"reason":"LEFT"/.test(logged()));
  });

  it('hears of connections and resumes, and may refuse them', async () => {
    const before = await cluster.open(connector, 'eve');
    await before.until(() => before.of('greeting').length === 1);
    expect(before.of('greeting')).toEqual([{ text: 'welcome' }]);
    before.cut();
    const after = await cluster.open(connector, 'eve', before.resume);
    await after.until(() => after.of('greeting').length === 1);
    expect(after.of('greeting')).toEqual([{ text: 'welcome back' }]);
    await expect(Player.open(connector.port, 'unwanted', { protocol: 1 })).rejects.toMatchObject({
      data: { code: 'FORBIDDEN', details: { why: 'unwanted' } },
    });
    // As the guard of a canary is told: a version whose hook fails lets nobody in, so that nobody asks for anything.
    const { routes } = await cluster.trafficOf(connector);
    const handshakes = routes.find(({ route }) => route === 'handshake');
    expect(handshakes).toMatchObject({
      version: '1.0.0000',
      failed: 0,
      refused: 1,
      errorsOf: [{ errors: 1 }],
    });
    expect(handshakes?.buckets[0]).toBeGreaterThanOrEqual(2);
  });

  it('leads a message by a route function that sees the servers', async () => {
    const player = await cluster.openPlain(connector, 'eve');
    const answer = await player.ask({ route: 'idlest', data: {}, timestamp: 1 });
    expect(answer).toMatchObject({ data: { outcome: 'not-waiting' } });
  });

  it('answers an event that nobody handles, counts it, and tells the log once', async () => {
    const player = await cluster.openPlain(connector, 'fay');
    const error = { code: 'UNKNOWN_ROUTE', details: { event: 'Dance' } };
    expect(await emit(player, 'Dance', {})).toMatchObject({ error });
    for (let sent = 0; sent < 100; sent += 1) player.socket.emit('Dance', {});
    expect(await emit(player, 'Dance', {})).toMatchObject({ error });
    expect(player.disconnected).toBeUndefined();
    expect(await cluster.metric(connector, 'requests_total UNKNOWN_ROUTE')).toBe(102);
    expect(logged().match(/socket\.event\.unhandled/g)).toHaveLength(1);
  });

  it('gives a Request’s Response to the client’s callback too', async () => {
    const player = await cluster.openPlain(connector, 'gil');
    const answer = { route: leave.route, timestamp: 1, data: { outcome: 'not-waiting' } };
    expect(await emit(player, 'Request', leave)).toEqual(answer);
    expect(player.responses).toEqual([answer]);
    expect(await emit(player, 'Request', { ...leave, data: undefined })).toMatchObject({
      error: { code: 'INVALID' },
    });
    await emit(player, 'Request', { ...leave, route: 'matching.made_up' });
    const text = await cluster.metrics(connector);
    expect(text).toMatch(/_requests_total\{route="matching.user_leave_matching",result="ok",.*\} [1-9]/);
    expect(text).toMatch(/_requests_total\{route="matching.user_leave_matching",result="INVALID",.*\} [1-9]/);
    expect(text).toMatch(/_request_seconds_count\{.*route="other",outcome="failed".*\} [1-9]/);
    expect(text).toMatch(/_version_sessions\{session_version=".+",.*\} [1-9]/);
    expect(text).not.toMatch(/made_up/);
  });

  it('is within the player’s limits', async () => {
    const player = await cluster.openPlain(connector, 'hal');
    const answers = Array.from({ length: 230 }, () => emit(player, 'chat', { text: 'x' }));
    expect(
      (await Promise.all(answers)).filter(({ error }) => error?.code === 'RATE_LIMITED').length,
    ).toBeGreaterThan(0);
    for (let sent = 0; sent < 300; sent += 1) player.socket.emit('chat', { text: 'x' });
    await player.until(() => player.disconnected !== undefined);
    expect(player.of('session.closed')).toMatchObject([{ code: 'ABUSE' }]);
  });

  it('is answered on the first socket while the player moves', async () => {
    const first = await cluster.open(connector, 'ida');
    const waited = emit(first, 'wait', 2_000);
    const second = await cluster.open(connector, 'ida', { ...first.resume, moving: true });
    expect(await waited).toBe('waited');
    expect(second.opened?.recovered).toBe(true);
    await first.until(() => first.disconnected !== undefined);
  });

  describe('keeps values with the session', () => {
    const keep = async (player: Player, name: string, value?: unknown): Promise<unknown> => {
      const answer = await emit(player, 'keep', { name, value });
      return answer.error ?? answer.value;
    };

    it('over a resume and the death of its connector; back ends read and change them', async () => {
      const { sessionData } = cluster;
      const other = await cluster.addConnector({}, 'dist/test-servers/proof/gateway/connector.js');
      const first = await cluster.open(other, 'kay');
      expect(await keep(first, 'team', { name: 'red' })).toEqual({ name: 'red' });
      await sessionData.changeValues('kay', { score: 7, team: { name: 'blue' } });
      expect(await keep(first, 'team')).toEqual({ name: 'blue' });
      expect(await sessionData.readValues('kay')).toEqual({ team: { name: 'blue' }, score: 7 });
      other.process.signal('SIGKILL');
      await first.until(() => first.disconnected !== undefined);
      await sessionData.changeValues('kay', { score: 8 });
      const second = await cluster.open(connector, 'kay', first.resume);
      expect(second.opened?.session).toBe(first.opened?.session);
      expect(await keep(second, 'team')).toEqual({ name: 'blue' });
      expect(await keep(second, 'score')).toBe(8);
      second.socket.disconnect();
      await sessionData.changeValues('kay', { score: null });
      const third = await cluster.open(connector, 'kay', second.resume);
      expect(await keep(third, 'score')).toBeNull();
      const anew = await cluster.open(connector, 'kay');
      expect(await keep(anew, 'team')).toBeNull();
    });

    it('that the route function goes by', async () => {
      const player = await cluster.open(connector, 'lee');
      await keep(player, 'home', 'user_leave_matching');
      const answer = await player.ask({ route: 'home', data: {}, timestamp: 1 });
      expect(answer).toMatchObject({ route: 'home', data: { outcome: 'not-waiting' } });
    });

    it('and the server that it is bound to, for that server’s type alone', async () => {
      const { sessionData } = cluster;
      const other = await cluster.addConnector({}, 'dist/test-servers/proof/gateway/connector.js');
      const bind = async (player: Player, how: object): Promise<unknown> => {
        const answer = await emit(player, 'bind', how);
        return answer.error ?? answer.bound;
      };
      let timestamp = 0;
      const ask = (player: Player): Promise<unknown> => player.ask({ ...leave, timestamp: ++timestamp });
      const good = { data: { outcome: 'not-waiting' } };
      const gone = { error: { code: 'NO_SERVER' } };
      const first = await cluster.open(other, 'bea');
      expect(await bind(first, { to: 'matching-9' })).toBe('matching-9');
      expect(await ask(first)).toMatchObject(gone);
      other.process.signal('SIGKILL');
      await first.until(() => first.disconnected !== undefined);
      const second = await cluster.open(connector, 'bea', first.resume);
      expect(await bind(second, {})).toBe('matching-9');
      expect(await ask(second)).toMatchObject(gone);
      expect(await bind(second, { to: 'matching-0' })).toBe('matching-0');
      expect(await ask(second)).toMatchObject(good);
      await sessionData.bindServer('bea', 'matching-9');
      expect(await ask(second)).toMatchObject(gone);
      await sessionData.bindServer('bea', 'lobby-3');
      await sessionData.unbindServer('bea', 'matching');
      expect(await bind(second, {})).toBeNull();
      expect(await ask(second)).toMatchObject(good);
      expect(await sessionData.readValues('bea')).toEqual({ 'bound-lobby': 'lobby-3' });
      expect(await bind(second, { to: 'matching' })).toMatchObject({ code: 'INVALID' });
      expect(await bind(second, { to: 'matching-0', off: true })).toBeNull();
    });

    it('within a bound, and of no player without a session', async () => {
      const { sessionData } = cluster;
      const player = await cluster.open(connector, 'max');
      expect(await keep(player, 'large', 'x'.repeat(1_500))).toHaveLength(1_500);
      const details = { bytes: expect.any(Number), limit: 2_048 };
      expect(await keep(player, 'more', 'x'.repeat(1_500))).toMatchObject({ code: 'TOO_LARGE', details });
      await expect(sessionData.changeValues('max', { more: 'x'.repeat(1_500) })).rejects.toMatchObject({
        code: 'TOO_LARGE',
      });
      await expect(sessionData.changeValues('max', { 'a name': 1 })).rejects.toMatchObject({
        code: 'INVALID',
      });
      expect(Object.keys((await sessionData.readValues('max')) ?? {})).toEqual(['large']);
      await expect(sessionData.changeValues('nobody', { score: 1 })).rejects.toMatchObject({
        code: 'NOT_FOUND',
      });
      expect(await sessionData.readValues('nobody')).toBeUndefined();
    });

    it('all of them, though many change at once', async () => {
      const { sessionData } = cluster;
      const player = await cluster.open(connector, 'ned');
      const names = Array.from({ length: 6 }, (_, index) => `n${index}`);
      const answers = await Promise.all(
        names.flatMap((name) => [
          keep(player, `own-${name}`, 1),
          sessionData.changeValues('ned', { [name]: 1 }),
        ]),
      );
      expect(answers.filter((answer) => answer !== undefined)).toEqual(names.map(() => 1));
      expect(Object.keys((await sessionData.readValues('ned')) ?? {})).toHaveLength(12);
    });
  });

  describe('beside handlers in the connector itself', () => {
    const ask = (player: Player, route: string, data: object = {}, timestamp = 1): Promise<any> =>
      player.ask({ route: `connector.${route}`, data, timestamp });

    it('answers a Request with the session at hand, though NATS hangs', async () => {
      const first = await cluster.open(connector, 'ora');
      expect((await ask(first, 'lobby', { name: 'north' })).data).toEqual({
        by: 'ora',
        name: 'north',
        request: '1',
      });
      cluster.nats.pause();
      const answer = await ask(first, 'lobby', {}, 2).finally(() => cluster.nats.resume());
      expect(answer).toEqual({
        route: 'connector.lobby',
        timestamp: 2,
        data: { by: 'ora', name: 'north', request: '2' },
      });
      first.cut();
      const second = await cluster.open(connector, 'ora', first.resume);
      expect((await ask(second, 'lobby')).data.name).toBe('north');
      expect(first.opened?.retryPolicies).toMatchObject({ 'connector.lobby': 'safe' });
    });

    it.each([
      [
        'a payload that does not fit',
        'lobby',
        { name: 7 },
        { code: 'INVALID', details: { problems: [{ field: 'name' }, {}] } },
      ],
      ['a typed error', 'end', { how: 'typed' }, { code: 'CONFLICT', details: { how: 'typed' } }],
      [
        'any other error',
        'end',
        { how: 'untyped' },
        { code: 'INTERNAL', details: { incident: expect.any(String) } },
      ],
      ['a result that JSON can not hold', 'end', { how: 'odd' }, { code: 'INTERNAL' }],
      ['a result that is too large', 'end', { how: 'large' }, { code: 'TOO_LARGE' }],
      ['a handler that is not there', 'nobody', {}, { code: 'NO_SERVER' }],
    ])('tells the player of %s', async (_, route, data, error) => {
      const player = await cluster.openPlain(connector, 'pia');
      const answer = await ask(player, route, data);
      expect(answer.error).toMatchObject(error);
      expect(JSON.stringify(answer)).not.toMatch(/For the log|Nobody declared/);
    });

    it('ends a call that takes too long, and takes no more than the handler bears', async () => {
      const player = await cluster.openPlain(connector, 'quin');
      const hanging = ask(player, 'end', { how: 'late' });
      expect(await ask(player, 'end', { how: 'typed' }, 2)).toMatchObject({ error: { code: 'BUSY' } });
      await player.until(() => player.responses.length === 2);
      await hanging;
      expect(player.responses[1]).toMatchObject({ timestamp: 1, error: { code: 'TIMEOUT' } });
      const text = await cluster.metrics(connector);
      expect(text).toMatch(/_requests_total\{route="connector.end",result="TIMEOUT",.*\} 1/);
      expect(text).toMatch(
        /rpc_handler_failed_total\{handler="end",scope="client",code="CONFLICT",.*\} [1-9]/,
      );
    });

    it('limits their routes, and hears their Notifies', async () => {
      const player = await cluster.openPlain(connector, 'rex');
      player.socket.emit('Notify', { route: 'connector.limited', data: {} });
      expect(await ask(player, 'limited')).toMatchObject({ data: 2 });
      const error = { code: 'RATE_LIMITED', retryAfterMs: expect.any(Number) };
      expect(await ask(player, 'limited', {}, 2)).toMatchObject({ error });
      // Nor by another socket.
      player.socket.disconnect();
      const again = await cluster.openPlain(connector, 'rex');
      expect(await ask(again, 'limited', {}, 3)).toMatchObject({ error });
    });
  });
});
