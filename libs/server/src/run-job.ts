import { Logger, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { endOnFailure } from './failures.js';
import { JsonLogger } from './logger.js';
import { explainStartProblem } from './start-problem.js';
import { exitOnSignal } from './stop.js';

/** One unit of work that a CronJob starts. It must bear being run twice, and by two pods at once. */
export interface Job {
  run(): Promise<void>;
}

export interface JobDefinition {
  /** The name on the command line. */
  name: string | undefined;
  /** Imported only after the environment was found good, as decorators read it. */
  module: () => Promise<Type>;
  /** The provider of each job, by name. */
  jobs: () => Promise<Record<string, Type<Job>>>;
}

/** Runs one job in a Nest application context and ends the process: 0 when it worked, 1 when it failed, 2 for a wrong name. */
export async function runJob(definition: JobDefinition): Promise<never> {
  // A job bears being ended anywhere: what it writes, it writes once.
  exitOnSignal();
  try {
    process.exit(await runNamed(definition));
  } catch (error) {
    const sentence = explainStartProblem(error);
    if (sentence) process.stderr.write(`${sentence}\n`);
    else console.error(error);
    process.exit(1);
  }
}

async function runNamed({ name = '', module, jobs }: JobDefinition): Promise<number> {
  const known = await jobs();
  const provider = known[name];
  if (!provider) {
    process.stderr.write(
      `There is no job named "${name}"; the jobs are: ${Object.keys(known).join(', ')}.\n`,
    );
    return 2;
  }
  const logger = new JsonLogger();
  Logger.overrideLogger(logger);
  const log = new Logger('job');
  endOnFailure(log);
  const app = await NestFactory.createApplicationContext(await module(), { logger, abortOnError: false });
  const started = performance.now();
  const ms = (): number => Math.round(performance.now() - started);
  try {
    await app.get(provider).run();
    log.log({ event: 'job.done', job: name, ms: ms() });
    return 0;
  } catch (error) {
    log.error({ event: 'job.failed', job: name, ms: ms(), err: error });
    return 1;
  } finally {
    await app.close();
  }
}
