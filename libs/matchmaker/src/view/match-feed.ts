import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnModuleInit,
} from '@nestjs/common';
import type { NatsConnection } from '@nats-io/nats-core';
import { matchesStream } from '../contracts/matches.js';
import { settledForSeconds } from '../store/messages.js';
import { NATS_CONNECTION, NatsHealth, noteUnreadable } from '@ccgame/nats';
import { NatsClock, StreamFollower } from '@ccgame/jetstream';
import { Readiness } from '@ccgame/server';
import { WorkScheduler } from '../work-scheduler.js';
import { MatchView, type ViewListener } from './match-view.js';

const sweepMs = 60_000;
/** Well before the first of what ends is gone, and with it the word that it ended. */
const staleAfterMs = (settledForSeconds * 1_000) / 2;

/** Keeps this server's view of the stream up to date. */
@Injectable()
export class MatchFeed implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly listeners = new Set<ViewListener>();
  readonly view = new MatchView(this.listeners);
  private follower?: StreamFollower;
  private sweeper?: NodeJS.Timeout;

  constructor(
    @Inject(NATS_CONNECTION) private readonly nats: NatsConnection,
    private readonly health: NatsHealth,
    private readonly scheduler: WorkScheduler,
    private readonly clock: NatsClock,
    private readonly readiness: Readiness,
  ) {}

  onModuleInit(): void {
    this.readiness.addCheck('tickets', () => this.isCaughtUp);
  }

  get isCaughtUp(): boolean {
    return this.follower?.isCaughtUp === true;
  }

  /** False also after each break of the connection, until what other servers did meanwhile was read. */
  get isCurrent(): boolean {
    return this.follower?.isCurrent === true;
  }

  addListener(listener: ViewListener): void {
    this.listeners.add(listener);
  }

  onApplicationBootstrap(): void {
    this.sweeper = setInterval(() => {
      void this.scheduler.runInSlices('sweep', this.view.forgetOld(this.clock.now()));
    }, sweepMs).unref();
    this.follower = new StreamFollower(this.nats, this.health, {
      stream: matchesStream.name,
      expecting: true,
      staleAfterMs,
      onReset: () => this.view.forgetAll(),
      onMessage: (message) => {
        const [, kind = '', key = ''] = message.subject.split('.');
        const { seq, storedAt } = message;
        try {
          this.view.applyMessage({ kind, key, body: () => message.json(), seq, storedAt });
        } catch (error) {
          // One record that can't be used is left out; to read it again and again would stop all that come after it.
          noteUnreadable('matching', message.subject, seq, error);
          this.view.skip(seq);
        }
      },
    });
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.sweeper);
    await this.follower?.close();
  }
}
