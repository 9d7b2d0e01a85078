import { type INestApplicationContext, Logger, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { AsyncMicroserviceOptions } from '@nestjs/microservices';
import { Config, type NeededVariables, requireVariables } from '@ccgame/config';
import { NatsHealth } from '@ccgame/nats';
import { RpcServer } from '@ccgame/rpc';
import { collectDefaultMetrics, register } from 'prom-client';
import { debugOnSignal } from './log/log-signal.js';
import { JsonLogger } from './log/logger.js';
import { endOnFailure } from './failures.js';
import { showServerState } from './metrics.js';
import type { HttpSetup } from './open-http.js';
import { startOpsServer } from './ops-server.js';
import { Readiness } from './readiness.js';
import { tellStartProblem } from './start-problem.js';
import { exitOnSignal, ServerStop } from './stop/stop.js';
import { exportTraces } from './traces/export-traces.js';
import { startWatchdog } from './watchdog/start-watchdog.js';
import { useProvidedAdapter } from './web-socket-adapter.js';
import { WorkLeft } from './work/work-left.js';

/** The parts of a server that its type decides. */
export interface ServerDefinition {
  /** Variables that this server can't do without, above what every server needs. A secret that isn't named here isn't given. */
  needs?: NeededVariables;
  /** Imported only after the environment was found good, as decorators read it. */
  module: () => Promise<Type>;
  /** Where the server also speaks HTTP, on HTTP_PORT. */
  http?: () => Promise<HttpSetup>;
}

/**
 * Runs a server until it is told to stop: environment, log, ops port, Nest application, RPC, and a stop in a fixed order.
 *
 * Never rejects: a start that fails says why in one sentence where the reason is an operator's, and exits with 1.
 */
export async function runServer(definition: ServerDefinition): Promise<void> {
  try {
    await startServer(definition);
  } catch (error) {
    tellStartProblem(error);
    process.exit(1);
  }
}

async function startServer(definition: ServerDefinition): Promise<void> {
  const handOver = exitOnSignal();
  requireVariables(definition.needs ?? []);
  register.setDefaultLabels({
    server_id: Config.SERVER_ID,
    server_type: Config.SERVER_TYPE,
    version: Config.VERSION,
  });
  // Finer than the library's: what a pause of 20 ms does is felt.
  collectDefaultMetrics({
    gcDurationBuckets: [0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5],
    // Each sample wakes the process: every 10 ms, as by default, they were most of an idle server's wake-ups.
    eventLoopMonitoringPrecision: 50,
  });
  const logger = new JsonLogger();
  Logger.overrideLogger(logger);
  const log = new Logger('server');
  debugOnSignal(logger, log);
  const failures = endOnFailure(log);
  startWatchdog(log);

  let missing = (): string[] => ['starting'];
  const ops = await startOpsServer(Config.HEALTHY_CHECK_PORT, { missing: () => missing() });

  const endTraces = await exportTraces(log);
  const app = await openApplication(definition, logger);
  const readiness = app.get(Readiness);
  const nats = app.get(NatsHealth);
  readiness.addCheck('nats', () => nats.connected);
  readiness.addAll(() => nats.storage.missing());
  showServerState(readiness, app.get(WorkLeft));
  readiness.state = 'running';
  missing = () => readiness.missing();
  log.log({ event: 'server.running', type: Config.SERVER_TYPE, node: process.version });
  handOver();
  const stop = new ServerStop(app, ops, log, endTraces);
  failures.stopBy(() => stop.begin('failure', 1));
  stop.onSignals();
}

async function openApplication(
  { module, http }: ServerDefinition,
  logger: JsonLogger,
): Promise<INestApplicationContext> {
  const root = await module();
  const options = { logger, abortOnError: false };
  if (http) {
    const { openHttp } = await import('./open-http.js');
    return openHttp(root, await http(), options);
  }
  const app = await NestFactory.createMicroservice<AsyncMicroserviceOptions>(root, {
    ...options,
    inject: [RpcServer],
    useFactory: (strategy: RpcServer) => ({ strategy }),
  });
  useProvidedAdapter(app);
  await app.listen();
  return app;
}
