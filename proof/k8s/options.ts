import { parseArgs } from 'node:util';
import { chosenNames, isSame } from '../chosen-names.js';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    'images-are-there': { type: 'boolean', default: false },
    nats: { type: 'string', default: 'single' },
    random: { type: 'boolean', default: false },
    minutes: { type: 'string', default: '20' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});

/** The folder of `k8s/nats` that is applied. */
const [natsFolder] = chosenNames(['single', 'cluster'], [values.nats], isSame);
export const nats = natsFolder === 'cluster' ? 'cluster' : 'single';
export const imagesAreThere = values['images-are-there'];
/** In the place of all phases: one in random order. */
export const randomOrder = values.random
  ? { minutes: Number(values.minutes), seed: Number(values.seed) }
  : undefined;
/** Numbers of the lines whose phases run; undefined: all. */
export const only = values.only?.split(',');

// The proof's own operator makes the release table before any server does. The configuration is read with the first package that has it.
process.env.NATS_REPLICAS ??= nats === 'cluster' ? '3' : '1';
