import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    'images-are-there': { type: 'boolean', default: false },
    nats: { type: 'string', default: 'single' },
  },
});

/** The folder of `k8s/nats` that is applied. */
export const nats = values.nats === 'cluster' ? 'cluster' : 'single';
export const imagesAreThere = values['images-are-there'];
/** Numbers of the lines whose phases run; undefined: all. */
export const only = values.only?.split(',').map(Number);

// The proof's own operator makes the release table before any server does. The configuration is read with the first package that has it.
process.env.NATS_REPLICAS ??= nats === 'cluster' ? '3' : '1';
