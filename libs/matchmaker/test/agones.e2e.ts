import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NatsHealth } from '@ccgame/nats';
import { AuditTrail, Moderation } from '@ccgame/sessions';
import { Authority, type Identity } from '@ccgame/testing';
import { AgonesAllocator } from '../src/allocation/agones-allocator.js';
import { backfillHandlers } from '../src/contracts/backfill.js';
import { Cluster } from './cluster.js';
import { FakeAgones } from './fake-agones.js';
import { type Player, until } from './player.js';

const mode = { name: 'brawl', teams: 2, teamSize: 1, maxParty: 1, hardKeys: [], backfill: true };
const checked = { ...mode, name: 'checked', readyCheckMs: 5_000 };
const match = { matchId: 'm1', mode: 'brawl', version: '1.0.0000', teams: [], createdAt: 0 };

describe('a game server from Agones', () => {
  let agones: FakeAgones;

  beforeEach(async () => {
    agones = await FakeAgones.start();
  });
  afterEach(() => agones.stop());

  const allocator = (timeoutMs?: number): AgonesAllocator =>
    new AgonesAllocator({
      url: agones.url,
      namespace: 'games',
      fleetOf: ({ mode: fleet }) => fleet,
      patienceMs: 1_000,
      timeoutMs,
    });

  it('is asked for by fleet, and labelled with its match', async () => {
    agones.addReady('other', 1);
    agones.addReady('brawl', 1);
    expect(await allocator().allocate(match)).toEqual({
      gameServer: 'brawl-1',
      address: '203.0.113.7',
      ports: [{ name: 'default', port: 7001 }],
    });
    expect(agones.requests[0]).toMatchObject({
      namespace: 'games',
      metadata: { labels: { 'ccgame.dev/match': 'm1' } },
    });
  });

  it('is the same one when a match asks again, as the answer was lost', async () => {
    agones.addReady('brawl', 2);
    const first = await allocator().allocate(match);
    expect(await allocator().allocate(match)).toEqual(first);
    expect(agones.allocated).toHaveLength(1);
  });

  it.each([
    ['none is ready', undefined, { name: 'NotAllocated', status: 429 }],
    ['the allocator fails', 500, { name: 'NotAllocated', status: 500 }],
    ['the answer is no JSON', 'rubbish', { name: 'NotAllocated' }],
    ['the connection breaks', 'hang-up', { name: 'NotAllocated' }],
    ['no answer comes', 'hang', { name: 'NotAllocated' }],
  ] as const)('is not given, and the error is typed, when %s', async (_, failure, error) => {
    if (failure !== undefined) agones.failures.push(failure);
    await expect(allocator(200).allocate(match)).rejects.toMatchObject(error);
  });
});

describe('an allocator service behind TLS, as Agones installs it', () => {
  const [authority, strangers] = [new Authority(), new Authority()];
  const folders: string[] = [];
  let agones: FakeAgones;

  beforeAll(async () => {
    const tls = { ...authority.issue('allocator', '127.0.0.1'), ca: authority.cert };
    agones = await FakeAgones.start({ ...tls, requestCert: true, rejectUnauthorized: true });
    agones.addReady('brawl', 1);
  });
  afterAll(async () => {
    await agones.stop();
    for (const folder of folders) rmSync(folder, { recursive: true });
  });

  function write(tlsFolder: string, { cert, key }: Identity, ca: string): void {
    for (const [file, text] of Object.entries({ 'tls.crt': cert, 'tls.key': key, 'ca.crt': ca }))
      writeFileSync(join(tlsFolder, file), text);
  }

  /** With a folder as the secret is mounted. */
  function allocator(identity: Identity, ca: string): AgonesAllocator {
    const tlsFolder = mkdtempSync(join(tmpdir(), 'ccgame-tls-'));
    folders.push(tlsFolder);
    write(tlsFolder, identity, ca);
    return new AgonesAllocator({
      url: agones.url,
      namespace: 'games',
      fleetOf: ({ mode: fleet }) => fleet,
      tlsFolder,
      patienceMs: 1_000,
    });
  }

  it('gives a game server to a client that shows a certificate it knows', async () => {
    const client = authority.issue('matching', '127.0.0.1');
    expect(await allocator(client, authority.cert).allocate(match)).toMatchObject({ gameServer: 'brawl-0' });
  });

  it('gives none to a client with a certificate of somebody else', async () => {
    const before = agones.requests.length;
    const client = strangers.issue('matching', '127.0.0.1');
    await expect(allocator(client, authority.cert).allocate(match)).rejects.toMatchObject({
      name: 'NotAllocated',
    });
    expect(agones.requests).toHaveLength(before);
  });

  it('gives one to a client whose certificates were renewed since it started', async () => {
    const client = allocator(strangers.issue('matching', '127.0.0.1'), strangers.cert);
    await expect(client.allocate(match)).rejects.toMatchObject({ name: 'NotAllocated' });
    write(folders.at(-1) ?? '', authority.issue('matching', '127.0.0.1'), authority.cert);
    expect(await client.allocate(match)).toMatchObject({ gameServer: 'brawl-0' });
  });

  it('is not asked when its own certificate is of somebody else', async () => {
    const before = agones.requests.length;
    const client = authority.issue('matching', '127.0.0.1');
    await expect(allocator(client, strangers.cert).allocate(match)).rejects.toMatchObject({
      name: 'NotAllocated',
      message: expect.stringMatching(/certificate/),
    });
    expect(agones.requests).toHaveLength(before);
  });
});

describe('a match that needs a game server', () => {
  let agones: FakeAgones;
  let cluster: Cluster;
  let report: (matchId: string, scores: Record<string, number>) => Promise<number>;

  beforeAll(async () => {
    agones = await FakeAgones.start();
    const env = { AGONES_ALLOCATOR_URL: agones.url, AGONES_FLEET: 'fleet', AGONES_PATIENCE_SECONDS: '3' };
    cluster = await Cluster.start(2, [mode, checked], env);
    report = await cluster.addHttp();
  });
  afterAll(async () => {
    await cluster.stop();
    await agones.stop();
  });

  const request = (data: object) => cluster.rpc.doRPC({ handler: backfillHandlers.request }, data as never);

  async function pair(modeName: string): Promise<[Player, Player]> {
    const players = (await cluster.some(2)) as [Player, Player];
    await Promise.all(players.map((player) => player.join(modeName)));
    return players;
  }

  it('is told with the game server’s address, after failures too', async () => {
    agones.failures.push(429, 'hang-up', 500);
    agones.addReady('fleet', 1);
    const [anna, ben] = await pair(mode.name);
    const allocation = {
      gameServer: 'fleet-0',
      address: '203.0.113.7',
      ports: [{ name: 'default', port: 7000 }],
    };
    expect(await anna.pushed('matched')).toMatchObject({ allocation });
    expect(await ben.pushed('matched')).toMatchObject({ allocation });
  });

  it('gets one when everybody has accepted', async () => {
    agones.addReady('fleet', 1);
    const players = await pair(checked.name);
    const { matchId } = await players[0].pushed('match.proposed');
    const before = agones.requests.length;
    for (const player of players) await player.ask('matching.user_accept_match', { matchId });
    expect(await players[1].pushed('matched')).toMatchObject({
      matchId,
      allocation: { gameServer: 'fleet-1' },
    });
    expect(agones.requests.length).toBe(before + 1);
  });

  it('sends its players back to the queue when none is to be had, with the waiting time that they had', async () => {
    const [anna, ben] = await pair(mode.name);
    const { waitingSinceMs } = await anna.status();
    expect(await anna.pushed('match.cancelled')).toMatchObject({ reason: 'no-game-server' });
    agones.addReady('fleet', 1);
    expect(await anna.pushed('matched')).toMatchObject({ allocation: { gameServer: 'fleet-2' } });
    await ben.pushed('matched');
    expect(await anna.status()).toMatchObject({ state: 'matched', waitingSinceMs });
  });

  it('lets go who wanted to leave while it was asked for, when none is to be had', async () => {
    const [anna, ben] = await pair(mode.name);
    await until(async () => (await anna.status()).state === 'proposed', 'a match is formed');
    const { matchId = '' } = await anna.status();
    expect(await report(matchId, { [anna.id]: 1 })).toBe(404);
    await expect(request({ matchId, places: [0] })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    for (let times = 0; times < 2; times += 1)
      expect(await anna.ask('matching.user_leave_matching', undefined)).toEqual({ outcome: 'matched' });
    expect(await anna.pushed('ticket.closed')).toMatchObject({ reason: 'no-game-server', by: anna.id });
    await ben.pushed('match.cancelled');
    expect(anna.of('match.cancelled')).toEqual([]);
    expect(await ben.status()).toMatchObject({ state: 'open' });
    await ben.ask('matching.user_leave_matching', undefined);
  });

  it('is off when one of its players is banned meanwhile, who is in no match after it', async () => {
    const [anna, ben] = await pair(mode.name);
    await until(async () => (await anna.status()).state === 'proposed', 'a match is formed');
    const health = new NatsHealth(cluster.connection);
    const audit = new AuditTrail(cluster.connection, health);
    const moderation = new Moderation(cluster.connection, health, audit);
    await moderation.banPlayer(anna.id, { by: 'olga', reason: 'sold gold' });
    expect(await ben.pushed('match.cancelled')).toMatchObject({ reason: 'declined' });
    agones.addReady('fleet', 1);
    const cleo = await cluster.player();
    await cleo.join(mode.name);
    const { teams, allocation } = await ben.pushed('matched');
    expect(teams.flatMap(({ players }) => players).sort()).toEqual([ben.id, cleo.id].sort());
    expect(allocation).toMatchObject({ gameServer: 'fleet-3' });
    moderation.onApplicationShutdown();
    audit.onApplicationShutdown();
  });

  it('tells it to players who join later', async () => {
    agones.addReady('fleet', 1);
    const [anna] = await pair(mode.name);
    const { matchId, allocation } = await anna.pushed('matched');
    await request({ matchId, places: [0] });
    const cleo = await cluster.player();
    await cleo.join(mode.name);
    expect(await cleo.pushed('matched')).toMatchObject({ matchId, allocation, isBackfill: true });
  });

  it('gets one, and no second one, when its matching server is killed while it asks', async () => {
    agones.failures.push('hang');
    agones.addReady('fleet', 2);
    const before = agones.allocated.length;
    const requests = agones.requests.length;
    const [anna, ben] = await pair(mode.name);
    await until(() => agones.requests.length > requests, 'the allocator is asked');
    await cluster.restart(await cluster.killOwner(mode.name));
    await anna.pushed('matched');
    await ben.pushed('matched');
    expect(agones.allocated).toHaveLength(before + 1);
    expect(anna.of('matched')).toHaveLength(1);
  });
});
