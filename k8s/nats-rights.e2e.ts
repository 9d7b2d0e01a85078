import { setTimeout as sleep } from 'node:timers/promises';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { addNatsUser, GameChanges, surveyServers } from '@ccgame/cli';
import { type Client, connect } from '@ccgame/client';
import { connectorHandlers } from '@ccgame/edge';
import { EntityClient, entityStreams } from '@ccgame/entities';
import { LeaderboardsModule, ScoreSubmitter, SettlementService } from '@ccgame/leaderboards';
import { backfillHandlers } from '@ccgame/matchmaker';
import { NatsHealth } from '@ccgame/nats';
import { ONCE_GUARD, type OnceGuard, rpcContext, RpcModule, RpcService } from '@ccgame/rpc';
import {
  Groups,
  PushService,
  SessionEvents,
  sessionEventStreams,
  SharedSessionEvents,
} from '@ccgame/sessions';
import {
  freePort,
  labelsOf,
  PlayerNetwork,
  ServerProcess,
  type StartedServer,
  startServer,
  tokenOf,
  untilHolds,
} from '@ccgame/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { NestFactory } from '@nestjs/core';
import { parse } from 'yaml';
import { shiftPeriods } from '../libs/leaderboards/test/boards-app.js';
import { openProcess } from '../libs/sessions/test/process.js';
import { playThrough } from '../game/src/play-through.js';
import { arena } from '../examples/arena/src/arena-contracts.js';
import { add, grid, payOut } from '../proof/entities/contracts.js';
import { NatsOfManifests } from './nats-of-manifests.js';
import { type Rights, rightsOfUsers, subjectsUsed, unusedRights } from './nats-rights.js';

const version = '1.0.0000';
const pair = { name: 'pair', teams: 2, teamSize: 1, maxParty: 1, hardKeys: [], backfill: true };
const serverKey = 'development-only-server-key-000000';

/** One nats-server with the shipped accounts, and real servers of every type on it. */
describe('the rights of NATS users', () => {
  let nats: NatsOfManifests;
  let rights: Rights;
  let operator: NatsConnection;
  const network = new PlayerNetwork({
    connector: () => portOf('connector'),
    http: () => portOf('http') ?? 0,
  });
  const servers: (ServerProcess | StartedServer)[] = [];
  let turn = 0;

  beforeAll(async () => {
    // Written by `ccgame new server play`.
    const changes = new GameChanges(process.cwd());
    addNatsUser(changes, 'play');
    const map = parse(changes.readText('k8s/nats/accounts/accounts.yaml')) as {
      data: Record<string, string>;
    };
    const accounts = withDocumentedRights(map.data['accounts.conf'] ?? '');
    rights = rightsOfUsers(accounts);
    nats = await NatsOfManifests.start('single', { isTraced: true, change: () => accounts });
    operator = await nats.as('operator');
    await network.open();
    const { streams } = await jetstreamManager(operator);
    for (const { config } of [...entityStreams('play'), ...sessionEventStreams]) await streams.add(config);
    // As an older version made it: `storage` adds what it lacks.
    await streams.add({ name: 'MATCHES', subjects: ['matches.ticket.*'], allow_direct: true });
    await Promise.all([
      ...['http', 'connector', 'matching', 'arena'].map((type) => start(type)),
      start('connector', 1),
      startPlay(),
    ]);
    const job = runJob('settleLeaderboards');
    // As at a first install: streams are missing, and nobody but `storage` may make them.
    await untilHolds(() => asking().length === 6, { seen: asking });
    await start('storage');
    await job;
    await Promise.all(servers.map((server) => processOf(server).untilReady()));
  });
  afterAll(async () => {
    network.close();
    await Promise.all(servers.map((server) => processOf(server).stop()));
    await nats?.close();
  });

  const processOf = (server: ServerProcess | StartedServer): ServerProcess =>
    'process' in server ? server.process : server;

  /** The users who asked NATS for their rights so far. */
  function asking(): string[] {
    const { used } = subjectsUsed(readLog());
    return Object.keys(used).filter((user) => used[user]?.publish.includes('$SYS.REQ.USER.INFO'));
  }

  function readLog(): string {
    return readFileSync(join(nats.servers[0]?.folder ?? '', 'nats.log'), 'utf8');
  }

  function portOf(type: string): number | undefined {
    const all = servers.flatMap((one) => ('serverType' in one && one.serverType === type ? [one.port] : []));
    return all[turn++ % all.length];
  }

  async function start(serverType: string, ordinal = 0): Promise<void> {
    const where = { root: process.cwd(), logFolder: nats.servers[0]?.folder ?? '', version, ordinal };
    const env = { PUBLIC_HTTP_URL: network.url, PUBLIC_WS_URL: network.url };
    servers.push(await startServer({ ...where, env, serverType, nats }));
  }

  async function startPlay(): Promise<void> {
    const { serverId, serverType } = labelsOf('play', version, 0);
    const healthPort = await freePort();
    const server = new ServerProcess({
      serverId,
      healthPort,
      entry: join(process.cwd(), 'dist/test-servers/proof/entities/main.js'),
      logFile: join(nats.servers[0]?.folder ?? '', `${serverId}.log`),
      env: {
        SERVER_ID: serverId,
        SERVER_TYPE: serverType,
        VERSION: version,
        NODE_ENV: 'dev',
        NATS_ADDRESS: nats.addressOf('play'),
        HEALTHY_CHECK_PORT: String(healthPort),
      },
    });
    server.start();
    servers.push(server);
  }

  async function runJob(job: string, user = 'cron', given: string[] = []): Promise<void> {
    const env = { ...process.env, NODE_ENV: 'dev', SERVER_TYPE: 'cron', VERSION: version };
    await promisify(execFile)(process.execPath, ['dist/servers/cron.js', job, ...given], {
      env: { ...env, SERVER_ID: 'cron-0', NATS_ADDRESS: nats.addressOf(user) },
    });
  }

  const rpcOf = (connection: NatsConnection, serverType: string): RpcService =>
    new RpcService(connection, new NatsHealth(connection), {
      identity: { serverId: `${serverType}-99`, serverType, version },
      timeoutMs: 10_000,
    });

  async function openClients(...players: string[]): Promise<Client[]> {
    const clients = players.map((player) => connect({ url: network.url, token: tokenOf(player), version }));
    await Promise.all(clients.map((client) => client.ready));
    return clients;
  }

  /** A game, its jobs, and a period that ends. */
  async function playGame(): Promise<void> {
    const runStep = <T>(_name: string, work: () => Promise<T>): Promise<T> => work();
    await playThrough({ url: network.url, version, serverKey, runStep, runJob });
    await runJob('testCron');
    // A snapshot of several pieces, each of which is acknowledged.
    const { streams } = await jetstreamManager(operator);
    await streams.add({ name: 'BALLAST', subjects: ['ballast'] });
    await operator.request('ballast', randomBytes(400_000));
    await runJob('backUp', 'backup', ['--folder', join(nats.servers[0]?.folder ?? '', 'backups')]);
    const result = {
      method: 'POST',
      headers: { authorization: `Bearer ${serverKey}`, 'content-type': 'application/json' },
    };
    const body = JSON.stringify({ scores: [{ playerId: 'anna', score: 1 }] });
    const unknown = await fetch(`${network.url}/v1/matches/unknown/result`, { ...result, body });
    expect(unknown.status).toBe(404);
    // The servers tell each other of callers who come often.
    const login = { method: 'POST', headers: { 'content-type': 'application/json' } };
    const device = JSON.stringify({ deviceId: 'device-that-comes-often' });
    for (let i = 0; i < 3; i += 1) await fetch(`${network.url}/v1/login`, { ...login, body: device });
    const old = { name: 'old', kind: 'sum', reset: { cron: '0 0 * * *', timeZone: 'Etc/UTC' } } as const;
    const identity = { serverId: 'cron-9', serverType: 'cron', version };
    const cron = RpcModule.forRoot({ identity, natsAddress: nats.addressOf('cron') });
    const root = { module: class {}, imports: [cron, LeaderboardsModule.forRoot({ boards: [old] })] };
    const job = await NestFactory.createApplicationContext(root, { logger: false });
    const periods = shiftPeriods(job, 'old', old.reset);
    // The last one finds the archive full, and deletes the first.
    for (const day of [-3, -2, -1]) {
      periods.shiftMs = day * 24 * 3600 * 1000;
      if (day === -1) await fillArchive();
      await job.get(ScoreSubmitter).submitScore({ topic: 'old', id: `${day}`, playerId: 'anna', score: 1 });
      await job.get(SettlementService).settle();
      periods.shiftMs += 24 * 3600 * 1000;
      const report = await job.get(SettlementService).settle();
      expect(report).toMatchObject({ settled: [{ board: 'old', players: 1 }], failed: [] });
    }
    await job.close();
    // Yesterday had none, which the settled periods say.
    const answer = await fetch(`${network.url}/v1/leaderboards/duel?period=previous`);
    expect(answer.status).toBe(404);
  }

  /** It has room for a hundred bytes more. */
  async function fillArchive(): Promise<void> {
    const { streams } = await jetstreamManager(operator);
    const { state } = await streams.info('LEADERBOARDS_SETTLED');
    await streams.update('LEADERBOARDS_SETTLED', { max_bytes: state.bytes + 100 });
  }

  /** A party, a match that is filled up, a socket that breaks, and a player who comes again elsewhere. */
  async function playOn(): Promise<void> {
    const [anna, ben] = await openClients('anna', 'ben');
    await anna.request('matching.user_join_party', { leader: 'ben' });
    await operator.request('$KV.modes.pair', JSON.stringify(pair));
    const matched = new Promise<{ matchId: string }>((resolve) =>
      anna.on('matched' as never, resolve as never),
    );
    const join = (client: Client) => client.request('matching.user_join_matching', { mode: 'pair' });
    // The mode comes into force a moment after it is written.
    while (
      !(await join(anna).then(
        () => true,
        () => false,
      ))
    );
    await join(ben);
    const { matchId } = await matched;
    const rpc = rpcOf(operator, 'ops');
    await rpc.doRPC({ handler: backfillHandlers.request, version }, { matchId, places: [0] });
    network.cut(1);
    await anna.request('matching.user_matching_status', undefined);
    // A server that gives no answer is asked whether it lives.
    const matching = processOf(
      servers.find((one) => 'serverType' in one && one.serverType === 'matching') ?? servers[0],
    );
    matching.signal('SIGSTOP');
    const { serverId } = labelsOf('matching', version, 0);
    const target = { serverId, scope: 'client', handler: 'user_matching_status' } as const;
    const late = rpcOf(await nats.as('connector'), 'connector').doRPC(target, undefined);
    await late.catch(() => undefined);
    matching.signal('SIGCONT');
    const again = await openClients('ben', 'ben', 'ben');
    for (const client of [anna, ben, ...again]) client.close();
  }

  /** The game's own code in a server of this type: it calls, pushes, and keeps groups. */
  async function workAs(user: string): Promise<void> {
    const server = await openProcess(`${user}-9`, nats.addressOf(user));
    await server.get(Groups).addMember('all', 'carla', 60);
    const push = server.get(PushService);
    await push.toGroup('all', 'hello', 1);
    await push.toVersion(version, 'hello', 1, { volatile: true });
    await push.toPlayer('carla', 'hello', 1, { volatile: true });
    const attributes = { uid: 'carla', session: user, request: '1' };
    const guard = server.get<OnceGuard>(ONCE_GUARD);
    const once = () => rpcContext.run({ attributes }, () => guard.runOnce(async () => 'done'));
    expect([await once(), await once()]).toEqual(['done', 'done']);
    await server.close();
  }

  /** As a room that is told `away` and `back`: the record of the session is heard and read. */
  async function hearSessions(user: string): Promise<void> {
    const [client] = await openClients(`${user}-guest`);
    const connection = await nats.as(user);
    const events = new SessionEvents(connection, new NatsHealth(connection));
    let heard = 0;
    const end = events.watchPlayer(`${user}-guest`, () => (heard += 1));
    while (heard === 0) await new Promise((resolve) => setTimeout(resolve, 50));
    end();
    events.onApplicationShutdown();
    client.close();
  }

  /** As a type that is told of all players' sessions. */
  async function shareSessions(): Promise<void> {
    const server = await openProcess('play-8', nats.addressOf('play'), [SharedSessionEvents]);
    const told = new Set<string>();
    await server.get(SharedSessionEvents).watchAll(({ playerId }) => void told.add(playerId));
    const [client] = await openClients('shared-guest');
    await untilHolds(() => told.has('shared-guest'));
    client.close();
    await server.close();
  }

  /** As a type that reports what its matches came to; the second time it reads what stands there. */
  async function reportScores(): Promise<void> {
    const boards = [{ name: 'old', kind: 'sum' }] as const;
    const server = await openProcess(
      'play-7',
      nats.addressOf('play'),
      [],
      [LeaderboardsModule.forRoot({ boards })],
    );
    const result = { topic: 'old', id: 'reported', playerId: 'anna', score: 1 };
    const submit = () => server.get(ScoreSubmitter).submitScore(result);
    expect([await submit(), await submit()]).toMatchObject([{ isRepeated: false }, { isRepeated: true }]);
    await server.close();
  }

  it('are all needed, and enough, for every type to do its work', async () => {
    await playGame();
    await playOn();
    await workAs('matching');
    await workAs('play');
    await workAs('arena');
    await hearSessions('play');
    await hearSessions('arena');
    await shareSessions();
    await reportScores();
    for (const user of ['http', 'matching', 'cron', 'play', 'arena']) {
      const rpc = rpcOf(await nats.as(user), user);
      const target = { handler: connectorHandlers.countSessions, version };
      await expect(rpc.doRPC(target, undefined)).resolves.toBeDefined();
      // By which a call that one server refused finds another one.
      await expect(rpc.listServers('connector')).resolves.toHaveLength(2);
    }
    await expect(rpcOf(await nats.as('connector'), 'connector').listServers('play')).resolves.toHaveLength(1);
    const rpc = rpcOf(operator, 'ops');
    const entities = new EntityClient(rpc);
    await expect(entities.call(add, 'one', { counterId: 'one', by: 1 })).resolves.toMatchObject({ value: 1 });
    for (const room of [arena, grid]) {
      await entities.create(room, 'one', { players: ['carla'] });
      await entities.join(room, 'one', 'carla');
      await entities.leave(room, 'one', 'carla');
    }
    await entities.call(payOut, 'one', { counterId: 'paid', by: 2 });
    const paid = () => entities.call(add, 'paid', { counterId: 'paid', by: 0 });
    while ((await paid()).value === 0) await sleep(50);
    expect((await surveyServers(operator)).map(({ serverType }) => serverType).sort()).toEqual([
      'arena',
      'connector',
      'connector',
      'http',
      'matching',
      'play',
      'storage',
    ]);
    const { used, refused } = subjectsUsed(readLog());
    expect(refused).toEqual([]);
    const unused = Object.entries(rights).flatMap(([user, { publish, subscribe }]) => [
      ...unusedRights(publish, used[user]?.publish ?? []).map((right) => `${user} publish ${right}`),
      ...unusedRights(subscribe, used[user]?.subscribe ?? []).map((right) => `${user} subscribe ${right}`),
    ]);
    expect(unused).toEqual([]);
  });
});

/** With the rights that docs/sessions.md names for `SharedSessionEvents`, and docs/leaderboards.md for `ScoreSubmitter`. */
function withDocumentedRights(accounts: string): string {
  const beacon = '"entity-beacon.play.>"';
  const [, reporting = ''] =
    /^\| `publish` \| (.+) \|$/m.exec(readFileSync('docs/leaderboards.md', 'utf8')) ?? [];
  const rights = [
    ...[...reporting.matchAll(/`([^`]+)`/g)].map(([, right]) => right),
    '$KV.session-events.>',
    '$JS.API.STREAM.INFO.KV_session-events',
    '$JS.API.DIRECT.GET.KV_session-events',
  ]
    .map((right) => `"${right}"`)
    .join(', ');
  const [publish, subscribe, ...rest] = accounts.split(beacon);
  return [
    publish,
    `, "session-beacon.play.>", ${rights}${subscribe}`,
    `, "session-beacon.play.>"${rest.join(beacon)}`,
  ].join(beacon);
}
