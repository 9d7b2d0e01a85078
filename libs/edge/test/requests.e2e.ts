import { rpcContext } from '@ccgame/rpc';
import { Controller } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { type ReceivedSpan, type StartedServer, TraceReceiver } from '@ccgame/testing';
import { type RpcApp, startRpcApp } from '../../rpc/test/rpc-app.js';
import { traceThisProcess } from './trace-this-process.js';
import { Cluster } from './cluster.js';
import type { Player } from './player.js';

const [server, client] = [2, 3];
const isFirst = ({ parentSpanId }: ReceivedSpan): boolean => !parentSpanId;
const isStore = ({ name, kind }: ReceivedSpan): boolean => name === 'store.read' && kind === client;

const leave = { route: 'matching.user_leave_matching', data: {} };
const join = (waitMs: number) => ({ route: 'matching.user_join_matching', data: { mode: `slow-${waitMs}` } });

/** A database, as slow as it is told. */
@Controller()
class SlowStore {
  @MessagePattern({ serverId: 'store', handler: 'read' })
  async read(ms: number): Promise<string> {
    await new Promise((resolve) => setTimeout(resolve, ms));
    return 'found';
  }
}

describe('a request', () => {
  let cluster: Cluster;
  let connectors: StartedServer[];
  let store: RpcApp;
  let traces: TraceReceiver;
  let endTraces: () => void;

  beforeAll(async () => {
    traces = await TraceReceiver.listen();
    // The back end and the store are in this process, the connectors are others.
    endTraces = traceThisProcess('back ends', traces);
    cluster = await Cluster.start(2, {
      SLOW_REQUEST_SECONDS: '0.25',
      OTEL_EXPORTER_OTLP_ENDPOINT: traces.endpoint,
      OTEL_BSP_SCHEDULE_DELAY: '100',
    });
    ({ connectors } = cluster);
    store = await startRpcApp({
      natsAddress: cluster.nats.address,
      serverId: 'store-0',
      controllers: [SlowStore],
    });
  });
  afterEach(() => cluster.leave());
  afterAll(async () => {
    await store?.close();
    await cluster?.stop();
    endTraces?.();
    await traces?.close();
  });

  const timestamps = (player: Player): number[] =>
    player.responses.map(({ timestamp }) => timestamp as number);

  async function send(player: Player, ...messages: object[]): Promise<void> {
    const before = player.responses.length;
    for (const message of messages) player.socket.emit('Request', message);
    await player.until(() => player.responses.length === before + messages.length);
  }

  it('that is slow holds back no others of the same socket', async () => {
    const player = await cluster.openPlain(connectors[0], 'anna');
    await send(
      player,
      { ...join(300), timestamp: 1 },
      { ...leave, timestamp: 2 },
      { ...leave, timestamp: 3 },
    );
    expect(timestamps(player)).toEqual([2, 3, 1]);
    // The others may be slow as well, on a busy machine.
    const line = await connectors[0].process.untilLogged(/request\.slow.*"playerId":"anna".*"request":"1".*/);
    expect(line).toContain('"route":"matching.user_join_matching","playerId":"anna"');
    expect(line).toMatch(/"trace":"[0-9a-f]{32}".*"request":"1"/);
    const [, whole, hop] =
      /"ms":(\d+),"hops":\[\{"to":"matching.*","handler":"user_join_matching","ms":(\d+)\}\]/.exec(line) ??
      [];
    expect(Number(hop)).toBeGreaterThanOrEqual(299);
    expect(Number(hop)).toBeLessThanOrEqual(Number(whole) + 1);
  });

  it('whose version is empty goes to the session’s own, as one that names none', async () => {
    const player = await cluster.openPlain(connectors[0], 'emma');
    await send(
      player,
      { ...leave, timestamp: 1, version: '' },
      { ...leave, timestamp: 2, version: '9.9.9999' },
    );
    const of = (timestamp: number) => player.responses.find((response) => response.timestamp === timestamp);
    expect(of(1)).toHaveProperty('data');
    expect(of(2)).toMatchObject({ error: { code: 'NO_SERVER' } });
  });

  it('that waits for a database two calls away is one trace, which shows where the time went', async () => {
    const player = await cluster.openPlain(connectors[0], 'tina');
    const data = { mode: 'store-700' };
    await send(player, { ...join(0), data, timestamp: 9 });
    const route = 'matching.user_join_matching';
    const spans = await traces.untilTrace(route, (all) => all.some(isStore) && all.some(isFirst));
    const named = (name: string, service: string, kind: number): ReceivedSpan => {
      const found = spans.filter(
        (span) => span.name === name && span.service === service && span.kind === kind,
      );
      expect([name, service, found.length]).toEqual([name, service, 1]);
      return found[0];
    };
    // Socket, call, handler, call, handler: each is a part of the one before.
    const way = [
      named(route, 'connector', server),
      named(route, 'connector', client),
      named('user_join_matching', 'back ends', server),
      named('store.read', 'back ends', client),
      named('read', 'back ends', server),
    ];
    way.slice(1).forEach((span, index) => expect(span.parentSpanId).toBe(way[index]?.spanId));
    for (const { ms } of way) expect(ms).toBeGreaterThan(690);
    expect(way[0]?.attributes).toMatchObject({ 'ccgame.player': 'tina' });
    expect(way[3]?.attributes).toMatchObject({ 'server.address': 'store-0' });
    // The writes of `once` and of the session are in the same trace, and took a short time of their own.
    const stored = spans.filter(({ name }) => name === 'JetStream publish');
    expect(stored.length).toBeGreaterThan(0);
    const line = await connectors[0].process.untilLogged(/request\.slow.*tina.*/);
    expect(line).toContain(`"trace":"${spans[0]?.traceId}"`);
    expect(line).toMatch(
      /"hops":\[\{"to":"matching-0",.*"hops":\[\{"to":"store-0","handler":"read","ms":7\d\d\}\]\}\]/,
    );
  });

  it('of a client that records traces is a part of the client’s, and of none where it sends nonsense', async () => {
    const player = await cluster.openPlain(connectors[0], 'theo');
    const [trace, parent] = ['ef'.repeat(16), '12'.repeat(8)];
    const ask = (traceparent: string) => player.ask({ ...leave, traceparent, timestamp: Date.now() });
    expect(await ask('nonsense')).toHaveProperty('data');
    expect(await ask(`00-${trace}-${parent}-01`)).toHaveProperty('data');
    const [first, ...rest] = await traces.untilTrace(
      'user_leave_matching',
      (all) => all[0]?.traceId === trace && all.length === 3,
    );
    expect(
      [first, ...rest].find(({ service, kind }) => service === 'connector' && kind === server),
    ).toMatchObject({ parentSpanId: parent });
  });

  it('that the connector answers itself has its handler in the trace', async () => {
    const player = await cluster.openPlain(connectors[0], 'ugo');
    await send(player, { route: 'connector.now', data: {}, timestamp: 1 });
    expect(player.responses).toMatchObject([{ data: { now: expect.any(Number) } }]);
    const spans = await traces.untilTrace('connector.now', (all) => all.length === 2 && all.some(isFirst));
    const handler = spans.find(({ name }) => name === 'now');
    expect(handler).toMatchObject({ parentSpanId: spans.find(isFirst)?.spanId, service: 'connector' });
  });

  it('that fails is told so in its trace', async () => {
    const player = await cluster.openPlain(connectors[0], 'uwe');
    await send(player, { route: 'matching.user_join_matching', data: { mode: 7 }, timestamp: 1 });
    const failed = (all: ReceivedSpan[]) => all.some((span) => span.attributes['error.type'] === 'INVALID');
    const spans = await traces.untilTrace(
      'matching.user_join_matching',
      (all) => all.some(isFirst) && failed(all),
    );
    expect(spans.find(isFirst)).toMatchObject({ code: 2, attributes: { 'ccgame.player': 'uwe' } });
  });

  it('that pushes shows in its trace when the player got it, also after a break, and where it was not stored', async () => {
    const before = await cluster.open(connectors[0], 'vera');
    const push = (route: string, options: object = {}): Promise<void> => {
      const traceparent = `00-${Buffer.from(route.padEnd(16)).toString('hex')}-${'cd'.repeat(8)}-01`;
      const context = { attributes: { uid: 'vera' }, traceparent };
      return rpcContext.run(context, () => cluster.push.toPlayer('vera', route, {}, options));
    };
    await push('stored');
    await push('volatile', { volatile: true });
    await before.until(() => before.of('volatile').length === 1);
    before.cut();
    await push('missed');
    await cluster.open(connectors[1], 'vera', before.resume);
    for (const route of ['stored', 'volatile', 'missed']) {
      const traceId = Buffer.from(route.padEnd(16)).toString('hex');
      const spans = await traces.untilTrace(
        'push',
        (all) => all[0]?.traceId === traceId && all.some(({ name }) => name === 'deliver'),
      );
      const [sent, delivered] = ['push', 'deliver'].map((name) => spans.find((span) => span.name === name));
      expect(delivered).toMatchObject({ parentSpanId: sent?.spanId, service: 'connector' });
      const writes = spans.filter(({ name }) => name === 'JetStream publish');
      expect(writes.length).toBe(route === 'volatile' ? 0 : 1);
    }
  });

  it('waits for the earlier ones of its route where the route asks for order', async () => {
    const player = await cluster.openPlain(connectors[0], 'ben');
    const waits = [120, 60, 1];
    await send(player, ...waits.map((wait, index) => ({ ...join(wait), timestamp: index })));
    expect(timestamps(player)).toEqual([0, 1, 2]);
    expect(cluster.matching.joined.slice(-3)).toEqual(['slow-120', 'slow-60', 'slow-1']);
  });

  it('declared `once` runs once, though it is sent again on another connector while it runs', async () => {
    const before = await cluster.open(connectors[0], 'carl');
    const runs = () => cluster.matching.joined.filter((mode) => mode === 'slow-301').length;
    before.socket.emit('Request', { ...join(301), timestamp: 7 });
    await cluster.untilMetric(connectors[0], 'sessions', 1);
    before.cut();
    const after = await cluster.open(connectors[1], 'carl', before.resume);
    await send(after, { ...join(301), timestamp: 7 });
    expect(after.responses).toMatchObject([{ timestamp: 7, data: { ticketId: 'slow-301' } }]);
    expect(runs()).toBe(1);
  });

  it('in flight is answered where it began while its player moves, and once', async () => {
    const before = await cluster.open(connectors[0], 'mia');
    before.socket.emit('Request', { ...join(400), timestamp: 1 });
    const after = await cluster.open(connectors[1], 'mia', { ...before.resume, moving: true });
    await before.until(() => before.responses.length === 1);
    expect(before.responses).toMatchObject([{ timestamp: 1, data: { mode: 'slow-400' } }]);
    expect(after.responses).toEqual([]);
    expect(before.disconnected).toBeUndefined();
  });

  it('over its route’s limit is answered with the time to wait, and the session goes on', async () => {
    const player = await cluster.openPlain(connectors[0], 'lena');
    await send(player, ...Array.from({ length: 25 }, (_, timestamp) => ({ ...join(0), timestamp })));
    const limited = player.responses.filter(({ error }) => error?.code === 'RATE_LIMITED');
    expect(limited.length).toBeGreaterThanOrEqual(1);
    for (const { error } of limited) {
      expect(error).toMatchObject({ retryable: true, retryAfterMs: expect.any(Number) });
    }
    expect(await player.ask({ ...leave, timestamp: 100 })).toHaveProperty('data');
  });

  it('sent as a Notify is carried out, and answered only where it came too fast', async () => {
    const player = await cluster.openPlain(connectors[0], 'nora');
    const notify = (message: object) => player.socket.emit('Notify', message);
    notify(join(5));
    notify({ route: 'matching.nothing', data: {} });
    notify({ route: 7 });
    await player.until(() => cluster.matching.joined.includes('slow-5'));
    expect(await player.ask({ ...leave, timestamp: 1 })).toHaveProperty('data');
    for (let count = 0; count < 25; count += 1) notify({ ...join(0), timestamp: 2 });
    await player.until(() => player.responses.length > 1);
    expect(player.responses[1]).toMatchObject({
      timestamp: 2,
      error: { code: 'RATE_LIMITED', retryAfterMs: expect.any(Number) },
    });
  });
});
