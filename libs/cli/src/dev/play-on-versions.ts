import { loadConfig } from '@ccgame/config';
import { loadPlayThrough } from './play-through.js';
import type { BuiltVersion } from './prepare-builds.js';
import { runCommand } from './run-command.js';
import type { Steps } from './steps.js';

interface Doors {
  natsAddress: string;
  url: string;
  /** Variables of the person's own. */
  inherited: Record<string, string>;
  steps: Steps;
}

/** A game on each version that has one to play, with the jobs of that version. @throws the first problem that a game met */
export async function playOnVersions(
  versions: BuiltVersion[],
  { natsAddress, url, inherited, steps }: Doors,
): Promise<void> {
  const { SERVER_KEY: [serverKey = ''] = [] } = loadConfig({ SERVER_KEY: inherited.SERVER_KEY }, 'local');
  for (const { version, build } of versions) {
    const playThrough = await loadPlayThrough(build.folder);
    if (!playThrough) continue;
    steps.printLine(`a game on ${version}:`);
    await playThrough({
      url,
      version,
      serverKey,
      runStep: (name, work) => steps.runStep(`  ${name}`, work),
      runJob: (job) =>
        runJob(build.folder, job, { ...inherited, NATS_ADDRESS: natsAddress, VERSION: version }),
    });
  }
}

/** A job that waits for ever, as for a right that its NATS user lacks, would have the start wait without a word. A page of rewards may take two minutes. */
const longestJobMs = 150_000;

/** As the CronJob's container runs it. */
async function runJob(folder: string, job: string, variables: Record<string, string>): Promise<void> {
  const env = { ...variables, NODE_ENV: 'dev', SERVER_TYPE: 'cron' };
  await runCommand('npm', ['run', '--silent', `start:${job}`], { cwd: folder, env, timeoutMs: longestJobMs });
}
