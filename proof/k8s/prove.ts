import 'reflect-metadata';
import { chosenNames, isSame } from '../chosen-names.js';
import { imagesAreThere, nats, only, randomOrder } from './options.js';
import { type Phase, runPhase } from './phase.js';
import { keepArenas } from './phases/arenas.js';
import { canary } from './phases/canary.js';
import { replaceConnectors } from './phases/connectors.js';
import { cron } from './phases/cron.js';
import { deleteNats, killNats, killProcesses, replaceNats } from './phases/healing.js';
import { rollHttp } from './phases/http.js';
import { killMatching, replaceMatching } from './phases/matching.js';
import { loseNode, loseNodeCommand } from './phases/lost-node.js';
import { mistakes } from './phases/mistakes.js';
import { ready } from './phases/ready.js';
import { refused } from './phases/refused.js';
import { drainNode, rotatePassword } from './phases/runbook.js';
import { autoscaleConnectors, autoscaleHttp, scaleConnectors } from './phases/scale.js';
import { inRandomOrder } from './random/random-order.js';
import { Report } from './report.js';
import { throughGit } from './phases/through-git.js';
import { changeTokenKey } from './phases/token-key.js';
import { setUp } from './stage.js';

/**
 * `npm run test:k8s`: the manifests proven on the cluster of the current kubectl context, with robots playing through the
 * Ingress all the while. Prints the figures of each phase; exit code 1 when one of them failed. `-- --only 3,4` runs the
 * phases of these lines alone, `--images-are-there` builds none, `--nats cluster` takes `nats/cluster` in place of `nats/single`.
 * `-- --random --minutes 20 --seed 7` does what operators do, in the order that the seed says, in the place of all phases.
 */
const inTurn: Phase[] = [
  ready,
  rollHttp,
  replaceConnectors,
  replaceMatching,
  killMatching,
  scaleConnectors,
  autoscaleHttp,
  autoscaleConnectors,
  killProcesses,
  ...(nats === 'single' ? [deleteNats] : [replaceNats, killNats]),
  cron,
  refused,
  mistakes,
  keepArenas,
  drainNode,
  rotatePassword,
  changeTokenKey,
  ...(loseNodeCommand ? [loseNode] : []),
  // Last, as it ends with 1.0.0000 gone, and then with 1.0.0001.
  canary,
  throughGit,
];

const all = randomOrder ? [inRandomOrder(randomOrder)] : inTurn;
const lines = [...new Set(all.map(({ line }) => String(line)))];
const chosen = chosenNames(lines, only ?? lines, isSame);
const phases = all.filter(({ line }) => chosen.includes(String(line)));
const report = new Report();
try {
  const stage = await setUp(report, { areImagesThere: imagesAreThere, nats });
  for (const phase of phases)
    // The next ones show what they show.
    await runPhase(phase, stage).catch((error: unknown) => report.check(`is begun: ${String(error)}`, false));
} catch (error) {
  report.failures.push(String(error));
  console.error(error);
}
process.exit(report.end() ? 0 : 1);
