import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { calmTime } from '@ccgame/testing';
import { kubectl } from './cluster.js';
import { gameImage } from './images.js';
import type { Stage } from './stage.js';

/** From the command's start until it says why; what waited for a core is left out. */
const toldMs = 20_000;

interface Mistake {
  what: string;
  /** JSON patches of the Deployment of http, in an overlay. */
  patch: object[];
  image?: string;
  /** In the pod's own words. */
  reason: RegExp;
}

const pod = '/spec/template/spec';
const container = `${pod}/containers/0`;

const mistakes: Mistake[] = [
  { what: 'an image that is not there', patch: [], image: 'localhost:1/ccgame:nowhere', reason: /nowhere/ },
  {
    what: 'a node that is not there',
    patch: [{ op: 'add', path: `${pod}/nodeSelector`, value: { there: 'nowhere' } }],
    reason: /Unschedulable.*node/,
  },
  {
    what: 'a crash at the start',
    patch: [{ op: 'replace', path: `${container}/args`, value: ['node', '-e', 'process.exit(3)'] }],
    reason: /exit code 3/,
  },
  {
    what: 'a probe that fails',
    patch: [{ op: 'replace', path: `${container}/startupProbe/httpGet/path`, value: '/nowhere' }],
    reason: /probe failed.*statuscode/,
  },
];

/** A version whose servers can't become ready, each for another cause. */
export async function refuseFailing(stage: Stage): Promise<void> {
  for (const [index, { what, patch, image = gameImage('1.0.0002'), reason }] of mistakes.entries()) {
    const overlay = writeOverlay(stage.folder, `mistake-${index}`, patch);
    const ms = await refuse(stage, what, ['--image', image, '--overlay', overlay], reason);
    stage.report.check(`… after ${ms} ms without waiting for a core, within ${toldMs}`, ms < toldMs);
  }
}

/** @returns its folder, as the command names it */
function writeOverlay(folder: string, name: string, patch: object[]): string {
  mkdirSync(join(folder, name));
  const target = { kind: 'Deployment', name: 'http-prod-v100000' };
  const patches = patch.length === 0 ? [] : [{ target, patch: JSON.stringify(patch) }];
  writeFileSync(
    join(folder, name, 'kustomization.yaml'),
    JSON.stringify({
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      resources: ['../release'],
      patches,
    }),
  );
  return join('k8s', name);
}

/** Returns after how long it was told, ms, by a clock that stands still on a busy machine: the command may wait longer. */
export async function refuse(stage: Stage, what: string, options: string[], reason: RegExp): Promise<number> {
  const { report, release, watchRelease } = stage;
  const [since, calmMs] = [performance.now(), calmTime()];
  let told = '';
  let calm = Infinity;
  let toldAfter = Infinity;
  const note = (text: string): void => {
    told += text;
    if (toldAfter < Infinity || !reason.test(told)) return;
    toldAfter = Math.round(performance.now() - since);
    calm = Math.round(calmMs());
  };
  const isRefused = await watchRelease(
    ({ stdout, stderr }) => [stdout, stderr].forEach((stream) => stream?.on('data', note)),
    'deploy',
    '1.0.0002',
    '--only',
    'http',
    ...options,
  ).then(
    () => false,
    () => true,
  );
  const ended = Math.round(performance.now() - since);
  report.check(
    `${what} is told after ${toldAfter} ms, and given up after ${ended} ms`,
    isRefused && toldAfter < Infinity,
  );
  if (toldAfter === Infinity) report.say(told);
  await release('retire', '1.0.0002');
  const left = await kubectl('get', 'deployment,service,pod', '-l', 'version=1.0.0002', '-o', 'name');
  report.check('… and nothing is left of it', left.trim() === '');
  return calm;
}
