import type { Server } from 'node:http';
import { constants } from 'node:os';
import type { INestApplicationContext, Logger } from '@nestjs/common';
import { Config } from '@ccgame/config';
import type { EndTraces } from '../traces/trace-exporter.js';
import { Drain } from './drain.js';
import { Readiness } from '../readiness.js';
import { WorkLeft } from '../work/work-left.js';
import type { WorkItem } from '../work/work-left.contract.js';
import { StopSignals, stopSignals } from './stop-signals.js';

/**
 * Ends the process at once at a signal, or when its launcher is gone, while there is nothing to finish yet. A process that
 * is the first one of its container would not even hear a signal without.
 *
 * @returns the end of that: from now on somebody else takes the signals.
 */
export function exitOnSignal(): () => void {
  const onSignal = (signal: NodeJS.Signals): never => process.exit(128 + constants.signals[signal]);
  const onDisconnect = (): never => process.exit(1);
  if (process.connected === false) onDisconnect();
  for (const signal of stopSignals) process.once(signal, onSignal);
  if (process.send) process.once('disconnect', onDisconnect);
  return () => {
    for (const signal of stopSignals) process.off(signal, onSignal);
    process.off('disconnect', onDisconnect);
  };
}

/** Stops a running server, once, in a fixed order. */
export class ServerStop {
  private readonly signals = new StopSignals();
  private isStopping = false;

  constructor(
    private readonly app: INestApplicationContext,
    private readonly ops: Server,
    private readonly log: Logger,
    private readonly endTraces: EndTraces,
  ) {}

  /**
   * At a signal to stop, or when the launcher that started this process is gone. A second signal that comes clearly later
   * than the first, a third one, or STOP_TIMEOUT_SECONDS, ends the process at once with exit code 1.
   */
  onSignals(): void {
    const onSignal = (signal: NodeJS.Signals): void => {
      const meaning = this.signals.receive();
      if (meaning === 'stop') this.begin(signal, 0);
      if (meaning === 'force') this.force(signal);
    };
    for (const signal of stopSignals) process.on(signal, onSignal);
    if (process.send) process.once('disconnect', () => this.begin('launcher gone', 0));
  }

  /**
   * The order: not ready, so that nothing new is sent here; drain, while everybody can still be talked to; Nest's own
   * shutdown, in which RPC finishes what runs, then NATS is flushed and closed; the ops port last, so that a probe gets an
   * answer all the while.
   */
  begin(reason: string, exitCode: number): void {
    if (this.isStopping) return;
    this.isStopping = true;
    const timeoutMs = Config.STOP_TIMEOUT_SECONDS * 1000;
    setTimeout(() => {
      this.log.error({ event: 'server.stop-timeout', timeoutMs });
      process.exit(1);
    }, timeoutMs).unref();
    this.run(reason, performance.now() + timeoutMs).then(
      () => process.exit(exitCode),
      (error: unknown) => {
        this.log.error({ event: 'server.stop-failed', err: error });
        process.exit(1);
      },
    );
  }

  private force(reason: string): never {
    this.log.warn({ event: 'server.stop-forced', reason });
    process.exit(1);
  }

  /** For the log alone: a source of the game's that throws keeps nobody from stopping. */
  private listWork(): WorkItem[] | undefined {
    try {
      return this.app.get(WorkLeft).listWork();
    } catch (error) {
      this.log.error({ event: 'server.work-not-listed', err: error });
      return undefined;
    }
  }

  private async run(reason: string, deadline: number): Promise<void> {
    const started = performance.now();
    this.log.log({ event: 'server.stopping', reason, work: this.listWork() });
    this.app.get(Readiness).state = 'draining';
    await this.app
      .get(Drain)
      .runSteps(deadline, (name, error) =>
        this.log.error({ event: 'server.drain-failed', name, err: error }),
      );
    await this.app.close();
    await this.endTraces();
    this.log.log({ event: 'server.stopped', ms: Math.round(performance.now() - started) });
    this.ops.close();
  }
}
