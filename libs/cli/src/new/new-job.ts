import type { GameChanges } from './game-changes.js';
import { addStartScript } from './start-script.js';
import { assertName, camelCase, kebabCase, pascalCase } from './words.js';

/** A CronJob has 52 characters, `-prod-v999999999999` among them. */
const longestFile = 33;

/**
 * A job of the cron app: its class and a test, a line in `jobs.ts`, its script, and a CronJob that runs it every night.
 *
 * @param name `sendMail`
 * @throws Error when the name is none, or too long for Kubernetes, or the job is there already
 */
export function addJob(changes: GameChanges, name: string): void {
  assertName('job', name);
  if (name !== camelCase(name)) throw new Error(`A job is named like ${camelCase(name)}, not ${name}.`);
  const [file, className] = [kebabCase(name), `${pascalCase(name)}Job`];
  if (file.length > longestFile)
    throw new Error(
      `${file} has ${file.length} characters: Kubernetes takes ${longestFile} characters of a job's name.`,
    );
  changes.createFile(`game/src/jobs/${file}.job.ts`, jobClass(name, className));
  changes.createFile(`game/src/jobs/${file}.job.spec.ts`, jobTest(file, className));
  const registry = 'game/src/jobs.ts';
  changes.insertAfterLast(
    registry,
    /^import .*\n/m,
    `import { ${className} } from './jobs/${file}.job.js';\n`,
  );
  changes.insertBefore(registry, /^\};/m, `  ${name}: ${className},\n`);
  addStartScript(changes, name, `exec node dist/servers/cron.js ${name}`);
  changes.createFile(
    `k8s/cron/${file}.yaml`,
    cronJob(changes.readText('k8s/cron/test-cron.yaml'), name, file),
  );
  changes.addResource('k8s/cron/kustomization.yaml', `${file}.yaml`);
}

const jobClass = (
  name: string,
  className: string,
): string => `import { Injectable, Logger } from '@nestjs/common';
import type { Job } from '@ccgame/server';

/** Bears being run twice: Kubernetes may start it again. */
@Injectable()
export class ${className} implements Job {
  private readonly log = new Logger('${kebabCase(name)}');

  // Services come by a constructor: those that apps/cron/src/cron.module.ts imports or provides.

  async run(): Promise<void> {
    this.log.log({ event: '${kebabCase(name)}.ran' });
  }
}
`;

const jobTest = (file: string, className: string): string => `import { jobs } from '../jobs.js';
import { ${className} } from './${file}.job.js';

describe('the job ${camelCase(file)}', () => {
  it('can be run, and run again', async () => {
    expect(jobs.${camelCase(file)}).toBe(${className});
    // Services that its constructor takes are given here, as in docs/how-to/job.md of ccgame.
    const job = new ${className}();
    await job.run();
    await job.run();
  });
});
`;

/** Copies the manifest of the job that only shows that jobs run: a studio's changes there, such as its pull secret, stay. */
function cronJob(testCron: string, name: string, file: string): string {
  return testCron
    .replace(/^(#.*\n)+/, `# DECIDE: when ${name} runs.\n`)
    .replaceAll('test-cron', file)
    .replaceAll('testCron', name);
}
