import { connect } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/nats-core';
import { drainVersion, firstTable, promoteVersion, ReleaseStore } from '@ccgame/releases';
import { NatsHealth } from '@ccgame/nats';
import { RpcService } from '@ccgame/rpc';
import { type GameNats, ServerFleet, startGameNats } from '@ccgame/testing';
import { judge, type Verdict } from './checker.js';
import { Games } from './games.js';
import { backfillMode, declareModes, letWaitersMeet, regions, waitingMode } from './modes.js';
import { type History, movedTickets } from './history.js';
import { busiest, holderCount, stillHeld, takenOverAfter } from './ownership.js';
import { Players } from './players.js';
import { keepHistory, Recorder } from './recorder.js';
import { UnreliableAgones } from './unreliable-agones.js';

export interface TortureOptions {
  root: string;
  /** Tickets that stay open all the time. */
  waiting: number;
  /** Players who join again and again; as many again, alone and in parties, accept their matches first. */
  playing: number;
  /** Between two faults, ms. */
  calmMs: number;
  /** How long the owner is paused, ms. */
  pauseMs: number;
  /** How long players rest between two tickets, ms. */
  restMs: number;
  tell: (line: string) => void;
}

/** The effect of one fault. */
export interface Step {
  fault: string;
  /** Until others owned all that the server owned, ms. */
  takenOverMs?: number;
  slowestJoinMs: number;
  repeatedRequests: number;
}

export interface TortureReport {
  steps: Step[];
  verdict: Verdict;
  joins: number;
  failedRequests: string[];
  /** Answers to ready-checks. */
  answers: number;
  /** Players for whom running matches asked, and who came. */
  backfills: { asked: number; joined: number };
  /** Game servers that the allocator gave. */
  gameServers: number;
  /** Tickets of the retired version that the next one matched. */
  moved: number;
  /** How often an owner learned from a refusal or from the stream that another had its partition by then. */
  stepDowns: number;
}

const version = '1.0.0000';
const nextVersion = '1.0.0001';
const channel = 'production';
const note = { who: 'torture', why: 'torture', action: 'torture' };
const identity = { serverId: 'robots-torture-0', serverType: 'robots', version };
const timeoutMs = 5_000;
const takeOverTimeoutMs = 15_000;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Matching servers, players and faults, on a nats-server of its own. */
export class Torture {
  private readonly steps: Step[] = [];

  private constructor(
    private readonly options: TortureOptions,
    private readonly nats: GameNats,
    private readonly connection: NatsConnection,
    private readonly fleet: ServerFleet,
    private readonly recorder: Recorder,
    private readonly players: Players,
    private readonly games: Games,
    private readonly agones: UnreliableAgones,
    private readonly close: () => Promise<void>,
  ) {}

  static async run(options: TortureOptions): Promise<TortureReport> {
    const nats = await startGameNats();
    const connection = await connect({
      servers: nats.address,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 100,
    });
    const agones = await UnreliableAgones.start();
    // The next version goes without, so that matches are told at once as well.
    const withAgones: Record<string, string> = {
      AGONES_ALLOCATOR_URL: agones.url,
      AGONES_PATIENCE_SECONDS: '5',
    };
    const fleet = new ServerFleet({
      root: options.root,
      nats,
      logFolder: nats.folder,
      settingsOf: (one) => ({ env: one === version ? withAgones : {} }),
    });
    try {
      await keepHistory(connection);
      await declareModes(connection);
      await fleet.add('matching', 2, version);
      const torture = Torture.open(options, nats, fleet, connection, agones);
      const report = await torture.suffer();
      if (report.verdict.faults.length > 0) options.tell(`logs: ${nats.folder}`);
      else await fleet.stopAll().then(() => nats.destroy());
      return report;
    } finally {
      await fleet.stopAll();
      agones.stop();
      await connection.close();
      await nats.stop('SIGKILL');
    }
  }

  private static open(
    options: TortureOptions,
    nats: GameNats,
    fleet: ServerFleet,
    connection: NatsConnection,
    agones: UnreliableAgones,
  ): Torture {
    const health = new NatsHealth(connection);
    const rpc = new RpcService(connection, health, { identity, timeoutMs });
    const recorder = new Recorder(connection, health);
    const players = new Players(rpc, recorder, version);
    const games = new Games(connection, rpc, () => players.version);
    recorder.onMatch((match) => games.began(match));
    return new Torture(options, nats, connection, fleet, recorder, players, games, agones, async () => {
      games.close();
      rpc.onApplicationShutdown();
      await recorder.close();
    });
  }

  private async suffer(): Promise<TortureReport> {
    const { waiting, playing, restMs, calmMs, pauseMs, tell } = this.options;
    for (let i = 0; i < waiting; i += 200) {
      const some = Array.from({ length: Math.min(200, waiting - i) }, (_, k) => i + k);
      await Promise.all(
        some.map((k) => this.players.wait(`w${k}`, { region: regionOf(k), skill: k * 1000 })),
      );
    }
    tell(`${waiting} tickets are open`);
    for (let i = 0; i < playing; i += 1) this.players.play(`p${i}`, 'torture-duel', regionOf(i), restMs);
    for (let i = 0; i < playing; i += 3) {
      this.players.play(`b${i}`, backfillMode, regionOf(i), restMs);
      this.players.playChecked([`c${i}`], regionOf(i), restMs);
      this.players.playChecked([`c${i + 1}`, `c${i + 2}`], regionOf(i), restMs);
    }
    await sleep(calmMs);

    await this.step('SIGKILL of the owner', async (owner) => {
      await this.fleet.kill(owner);
      await this.untilTakenOver(owner);
    });
    await this.fleet.add('matching', 2, version);
    await this.step('1 to 3 servers', () => this.untilSpread(3));
    await this.step(`SIGSTOP of the owner for ${pauseMs} ms, SIGCONT`, async (owner) => {
      const before = this.stepDowns;
      this.fleet.signal(owner, 'SIGSTOP');
      await sleep(pauseMs);
      this.fleet.signal(owner, 'SIGCONT');
      await this.untilSteppedDown(before);
    });
    await this.step('SIGTERM of the owner', async (owner) => {
      const stopped = this.fleet.stop(owner);
      await this.untilTakenOver(owner);
      await stopped;
    });
    await this.step('SIGKILL of nats-server, started again', () => this.nats.restart('SIGKILL'));
    await this.step('2 to 1 servers', async () => {
      const [some = ''] = this.fleet.servers.keys();
      await this.fleet.stop(some);
      await this.untilSpread(1);
    });
    await this.step(`${version} is retired, and who waits may meet`, () => this.retire());
    return this.report();
  }

  /** The table names another version, the old one's servers go, and the new ones match all who have waited since the start. */
  private async retire(): Promise<void> {
    const { waiting } = this.options;
    const old = [...this.fleet.servers.keys()];
    await this.fleet.add('matching', 2, nextVersion);
    const store = await ReleaseStore.open(this.connection);
    await store.writeFirstTable(firstTable(channel, version, [nextVersion]), note);
    await store.changeTable(channel, promoteVersion(nextVersion), note);
    await store.changeTable(channel, drainVersion(version), note);
    this.players.version = nextVersion;
    for (const server of old) await this.fleet.stop(server);
    await letWaitersMeet(this.connection);
    const end = Date.now() + takeOverTimeoutMs;
    while (movedTickets(this.recorder.events, waitingMode, nextVersion) < waiting && Date.now() < end)
      await sleep(250);
  }

  private async step(fault: string, cause: (owner: string) => Promise<void>): Promise<void> {
    const { events } = this.recorder;
    const { tally } = this.players;
    tally.slowestSince();
    const [place, repeated, at, owner] = [events.length, tally.repeated, Date.now(), busiest(events)];
    await cause(owner);
    await sleep(this.options.calmMs);
    const taken = fault.includes('owner') ? takenOverAfter(events, owner, place, at) : undefined;
    const step: Step = {
      fault,
      ...(taken !== undefined && { takenOverMs: Math.round(taken) }),
      slowestJoinMs: Math.round(tally.slowestSince()),
      repeatedRequests: tally.repeated - repeated,
    };
    this.steps.push(step);
    this.options.tell(JSON.stringify(step));
  }

  private async untilTakenOver(server: string): Promise<void> {
    const { events } = this.recorder;
    const place = events.length;
    const end = Date.now() + takeOverTimeoutMs;
    while (stillHeld(events, server, place).length > 0 && Date.now() < end) await sleep(50);
  }

  /** It goes on with what nobody waited in meanwhile, so that others never hold all that it held. */
  private async untilSteppedDown(before: number): Promise<void> {
    const end = Date.now() + takeOverTimeoutMs;
    while (this.stepDowns === before && Date.now() < end) await sleep(100);
  }

  private get stepDowns(): number {
    return this.fleet.logged('partition.fenced');
  }

  private async untilSpread(count: number): Promise<void> {
    const end = Date.now() + takeOverTimeoutMs;
    const isPlayed = (partition: string): boolean => partition.startsWith('torture-');
    while (holderCount(this.recorder.events, isPlayed) !== count && Date.now() < end) await sleep(50);
  }

  private get history(): History {
    const { asked, notified } = this.games;
    return { ...this.recorder.history, asked, notified };
  }

  /** Lets everything that is under way arrive, then judges. */
  private async report(): Promise<TortureReport> {
    await this.players.stop();
    let verdict = judge(this.history);
    for (let waited = 0; waited < 10_000 && verdict.faults.length > 0; waited += 500) {
      await sleep(500);
      verdict = judge(this.history);
    }
    await this.close();
    const { joins, failed, answers } = this.players.tally;
    return {
      steps: this.steps,
      verdict,
      joins,
      failedRequests: [...failed, ...this.games.failed],
      answers,
      backfills: { asked: this.games.asked.length, joined: this.games.notified.length },
      gameServers: this.agones.count,
      moved: movedTickets(this.recorder.events, waitingMode, nextVersion),
      stepDowns: this.stepDowns,
    };
  }
}

function regionOf(index: number): string {
  return regions[index % regions.length] ?? '';
}
