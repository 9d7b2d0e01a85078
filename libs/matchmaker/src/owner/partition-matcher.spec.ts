import type { NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { Config } from '@ccgame/config';
import { type MatchRecord, matchesStream, type TicketRecord } from '../contracts/matches.js';
import { NatsClock, StreamFollower } from '@ccgame/jetstream';
import { cancelMatch } from '../matches/match-outcome.js';
import { NatsHealth } from '@ccgame/nats';
import { type NatsServer, startNats, untilHolds } from '@ccgame/testing';
import type { Mode } from '../pool/rules/mode.js';
import { TicketPool } from '../pool/ticket-pool.js';
import { ticketMessages } from '../store/messages.js';
import { type Stored, TicketStore } from '../store/ticket-store.js';
import { WorkScheduler } from '../work-scheduler.js';
import { MatchView, type ViewListener, type ViewMessage } from '../view/match-view.js';
import { type Partition, PartitionPools } from '../view/partition-pools.js';
import { partitionNameOf } from '../view/pool-records.js';
import { PartitionMatcher } from './partition-matcher.js';

const otherFence = JSON.stringify({ partition: 'other', serverId: 'other-0', incarnation: '1' });
const mode = { name: 'duel', teams: 2, teamSize: 1, maxParty: 1, hardKeys: [] };

/** One server's part: its view, fed or held back, its pool and its owner. */
class Server {
  readonly written: Stored<MatchRecord>[] = [];
  readonly partition: Partition;
  readonly owner: PartitionMatcher;
  isPaused = false;
  private readonly listeners = new Set<ViewListener>();
  readonly view = new MatchView(this.listeners);
  private readonly held: ViewMessage[] = [];
  private readonly follower: StreamFollower;

  constructor(serverId: string, nats: NatsConnection, store: TicketStore, itsMode: Mode = mode) {
    const { view } = this;
    const scheduler = new WorkScheduler();
    const pools = new PartitionPools(
      { view } as never,
      { find: () => itsMode } as never,
      { currentTable: () => undefined } as never,
      scheduler,
      store.clock,
    );
    this.listeners.add(pools);
    this.partition = { name: partitionNameOf(itsMode, {}), mode: itsMode, pool: new TicketPool(itsMode) };
    pools.partitions.set(this.partition.name, this.partition);
    const context = { store, view, pools, scheduler, serverId, incarnation: '1', version: Config.VERSION };
    this.owner = new PartitionMatcher(this.partition, {
      ...context,
      onWritten: (match) => this.written.push(match),
    });
    this.follower = new StreamFollower(nats, store.health, {
      stream: matchesStream.name,
      onMessage: (message) => {
        const [, kind = '', key = ''] = message.subject.split('.');
        const entry = { kind, key, body: () => message.json(), seq: message.seq, storedAt: Date.now() };
        if (this.isPaused) this.held.push(entry);
        else this.view.applyMessage(entry);
      },
    });
  }

  /** @param from what stands before it gave way to newer messages of its subjects, and is not read */
  resume(from = 0): void {
    this.isPaused = false;
    for (const entry of this.held.splice(0)) if (entry.seq >= from) this.view.applyMessage(entry);
  }

  close(): Promise<void> {
    return this.follower.close();
  }
}

describe('the owner of a partition', () => {
  let nats: NatsServer;
  let connection: NatsConnection;
  let store: TicketStore;
  let servers: Server[];

  beforeAll(async () => {
    nats = await startNats();
    connection = await connect({ servers: nats.address });
    const health = new NatsHealth(connection);
    store = new TicketStore(connection, health, new NatsClock(connection, health));
    await store.onModuleInit();
  });
  beforeEach(() => {
    servers = [new Server('matching-a-0', connection, store), new Server('matching-a-1', connection, store)];
  });
  afterEach(async () => {
    await Promise.all(servers.map((server) => server.close()));
  });
  afterAll(async () => {
    store.onApplicationShutdown();
    store.clock.onApplicationShutdown();
    await connection.close();
    await nats.destroy();
  });

  let counter = 0;
  /** @returns where it is stored */
  async function join(
    player = `p${counter++}`,
  ): Promise<{ player: string; seq: number; ticket: TicketRecord }> {
    const ticket: TicketRecord = {
      ticketId: `t-${player}`,
      players: [player],
      mode: 'duel',
      version: Config.VERSION,
      attributes: {},
      since: Date.now(),
      state: 'open',
    };
    return { player, ticket, seq: await store.writeBatch(ticketMessages(ticket, () => 0)) };
  }

  const both = async (): Promise<[Server, Server]> => {
    const [first, second] = servers;
    if (!first || !second) throw new Error('There are two');
    const probe = { subject: 'matches.fence.other', payload: otherFence, expected: other };
    const at = await store.writeBatch([probe]);
    await Promise.all([first.view.whenRead(at), second.view.whenRead(at)]);
    return [first, second];
  };
  let other = 0;
  beforeEach(async () => {
    const found = await connection.request(
      `$JS.API.DIRECT.GET.${matchesStream.name}`,
      JSON.stringify({ last_by_subj: 'matches.fence.other' }),
    );
    other = Number(found.headers?.get('Nats-Sequence') || 0);
  });

  const until = (isSo: () => boolean): Promise<void> => untilHolds(isSo, { timeoutMs: 30_000, everyMs: 5 });

  it('matches in one batch: both tickets are matched, and the record is written', async () => {
    const [server] = await both();
    const joined = [await join(), await join()];
    await server.view.whenRead(joined[1]?.seq ?? 0);
    await server.owner.fenced.acquire();
    await until(() => server.written.length === 1);
    const [written] = server.written;
    if (!written) throw new Error('It was written');
    const { record, seq } = written;
    const stored = await store.ticketsOf(joined.map(({ player }) => player));
    expect([...stored.values()].map((one) => one.record)).toEqual(
      joined.map(({ ticket }) => ({ ...ticket, state: 'matched', matchId: record.matchId })),
    );
    expect(await store.readMatch(record.matchId)).toEqual({ record, seq });
  });

  it('writes nothing once another server has the partition, and steps down', async () => {
    const [old, next] = await both();
    await old.owner.fenced.acquire();
    expect(old.owner.fenced.state).toBe('owner');
    const joined = [await join(), await join()];
    await old.view.whenRead(joined[1]?.seq ?? 0);
    // It sees nothing more, as after a SIGSTOP; the other one takes over and matches.
    old.isPaused = true;
    await next.owner.fenced.acquire();
    await until(() => next.written.length === 1);
    old.owner.requestPass();
    // Its pass is the next turn's, its plan that after it; then the batch is on its way.
    for (let turn = 0; turn < 4; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    await connection.flush();
    old.resume();
    await until(() => old.owner.fenced.state === 'away');
    expect(old.written).toEqual([]);
    const stored = await store.ticketsOf(joined.map(({ player }) => player));
    const matchId = next.written[0]?.record.matchId;
    expect([...stored.values()].map((one) => one.record?.matchId)).toEqual([matchId, matchId]);
  });

  it('loses and doubles nothing where a newcomer fences while its batch is on its way, before it or behind', async () => {
    const [first, second] = await both();
    const pairs: string[] = [];
    for (let round = 0; round < 20; round += 1) {
      const [old, next] = round % 2 === 0 ? [first, second] : [second, first];
      await old.owner.fenced.acquire();
      const [one, other] = [await join(), await join()];
      pairs.push([one.player, other.player].join());
      await Promise.all([old, next].map(({ view }) => view.whenRead(other.seq)));
      old.owner.requestPass();
      for (let turn = 0; turn < round % 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
      await next.owner.fenced.acquire();
      await until(() => first.written.length + second.written.length === pairs.length);
      await old.owner.release();
    }
    const written = [...first.written, ...second.written].map(({ record }) => record);
    const playersOf = ({ teams }: MatchRecord): string => teams.flat().sort().join();
    expect(written.map(playersOf).sort()).toEqual(pairs.map((pair) => pair.split(',').sort().join()).sort());
  });

  it('is tried ever more rarely when its passes fail, and the server goes on', async () => {
    const [server] = await both();
    const { partition, owner } = server;
    partition.pool.formMatches = () => {
      throw new Error('A ticket that nobody can hold');
    };
    const pauses: number[] = [];
    for (let round = 0; round < 4; round += 1) {
      await owner.fenced.acquire();
      await until(() => owner.fenced.state === 'away');
      pauses.push(owner.fenced.retryAt - performance.now());
    }
    expect(pauses[3]).toBeGreaterThan(3_500);
    expect(pauses[3]).toBeGreaterThan(pauses[0] ?? Infinity);
  });

  it('matches the others when one has left meanwhile', async () => {
    const [server] = await both();
    const [leaving, ...staying] = [await join(), await join(), await join()];
    if (!leaving) throw new Error('There are three');
    await server.view.whenRead(staying[1]?.seq ?? 0);
    server.isPaused = true;
    const closed: TicketRecord = { ...leaving.ticket, state: 'cancelled' };
    await store.writeBatch(ticketMessages(closed, () => leaving.seq));
    const taking = server.owner.fenced.acquire();
    await until(() => server.owner.fenced.state === 'acquiring');
    server.resume();
    await taking;
    await until(() => server.written.length === 1);
    expect(server.written[0]?.record.teams.flat().sort()).toEqual(staying.map(({ player }) => player).sort());
  });

  it('puts a player into one match alone who has joined again since the view was held up', async () => {
    const [server] = await both();
    const { player, ticket, seq } = await join();
    await server.view.whenRead(seq);
    server.isPaused = true;
    const ended = await store.writeBatch(ticketMessages({ ...ticket, state: 'cancelled' }, () => seq));
    const again: TicketRecord = { ...ticket, ticketId: 'again' };
    const stands = await store.writeBatch(ticketMessages(again, () => ended));
    server.resume(stands);
    const other = await join();
    await server.view.whenRead(other.seq);
    await server.owner.fenced.acquire();
    await until(() => server.written.length === 1);
    expect(server.written[0]?.record.teams.flat().sort()).toEqual([player, other.player].sort());
  });

  it('matches players again whose match was declined before it was read here', async () => {
    const server = new Server('matching-a-2', connection, store, { ...mode, readyCheckMs: 15_000 });
    servers.push(server);
    await server.owner.fenced.acquire();
    const [one, other] = [await join(), await join()];
    await server.view.whenRead(other.seq);
    server.isPaused = true;
    server.owner.requestPass();
    await until(() => server.written.length === 1);
    const held = await store.ticketsOf([one.player, other.player]);
    const { messages } = cancelMatch(server.written[0], held, 'declined', [one.player]);
    server.resume(await store.writeBatch(messages));
    const third = await join();
    await server.view.whenRead(third.seq);
    server.owner.requestPass();
    await until(() => server.written.length === 2);
    expect(server.written[1]?.record.teams.flat().sort()).toEqual([other.player, third.player].sort());
  });
});
