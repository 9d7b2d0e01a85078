import { parseArgs } from 'node:util';
import { Logger, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { BackUpJob } from './backup/back-up.job.js';
import { BackupModule } from './backup/backup.module.js';
import { endOnFailure } from './failures.js';
import type { Job, JobArguments, JobReport } from './job.js';
import { JsonLogger } from './log/logger.js';
import { tellStartProblem } from './start-problem.js';
import { exitOnSignal } from './stop/stop.js';

/** The jobs that a process may be told to run. */
export interface JobsDefinition {
  /** Imported only after the environment was found good, as decorators read it. */
  module: () => Promise<Type>;
  /** The provider of each job, by name. */
  jobs: () => Promise<Record<string, Type<Job>>>;
}

/**
 * Runs the job that the command line names, with the arguments after the name, in a Nest application context, and ends the
 * process: 0 when it worked, 1 when it or one of its items failed, 2 for a wrong name or argument.
 */
export async function runJob(definition: JobsDefinition): Promise<never> {
  // A job bears being ended anywhere: what it writes, it writes once.
  exitOnSignal();
  try {
    process.exit(await runNamed(definition));
  } catch (error) {
    tellStartProblem(error);
    process.exit(1);
  }
}

async function runNamed({ module, jobs }: JobsDefinition): Promise<number> {
  const [name = '', ...given] = process.argv.slice(2);
  const known = await jobs();
  const provider = Object.hasOwn(known, name) ? known[name] : undefined;
  if (!provider) {
    process.stderr.write(
      `There is no job named "${name}"; the jobs are: ${Object.keys(known).join(', ')}.\n`,
    );
    return 2;
  }
  const logger = new JsonLogger();
  Logger.overrideLogger(logger);
  endOnFailure(new Logger('job'));
  const root = provider === BackUpJob ? BackupModule : await module();
  const app = await NestFactory.createApplicationContext(root, { logger, abortOnError: false });
  try {
    const job = app.get<Job>(provider);
    const told = argumentsOf(job, given);
    if (typeof told === 'object') return await runTold(name, job, told);
    process.stderr.write(`${told}\n`);
    return 2;
  } finally {
    await app.close();
  }
}

async function runTold(name: string, job: Job, told: JobArguments): Promise<number> {
  const log = new Logger('job');
  const started = performance.now();
  const ms = (): number => Math.round(performance.now() - started);
  try {
    const report = (await job.run(told)) ?? { done: [], skipped: [], failed: [] };
    tellItems(log, name, report);
    const { done, skipped, failed } = report;
    const counts = { done: done.length, skipped: skipped.length, failed: failed.length };
    const isDone = failed.length === 0;
    log[isDone ? 'log' : 'error']({
      event: isDone ? 'job.done' : 'job.failed',
      job: name,
      ms: ms(),
      ...counts,
    });
    return isDone ? 0 : 1;
  } catch (error) {
    log.error({ event: 'job.failed', job: name, ms: ms(), err: error });
    return 1;
  }
}

function tellItems(log: Logger, job: string, { skipped, failed }: JobReport): void {
  for (const item of skipped) log.log({ event: 'job.skipped', job, ...item });
  for (const item of failed) log.error({ event: 'job.item-failed', job, ...item });
}

/** A sentence, where something was given that the job doesn't take. */
function argumentsOf({ takes = {} }: Job, given: readonly string[]): JobArguments | string {
  const options = Object.fromEntries(Object.keys(takes).map((name) => [name, { type: 'string' as const }]));
  try {
    return parseArgs({ args: [...given], options }).values;
  } catch (error) {
    const known = Object.entries(takes).map(([name, meaning]) => `  --${name}  ${meaning}`);
    return [
      (error as Error).message,
      known.length > 0 ? 'The job takes:' : 'The job takes nothing.',
      ...known,
    ].join('\n');
  }
}
