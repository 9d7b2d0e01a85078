// npm run bench:connections [-- ../before --sockets 4000 --minutes 2]; bench:connections:node24 runs it on the Node of the image
import 'reflect-metadata';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { sleep } from '../connector/statistics.js';
import { IdleSide } from './idle-side.js';

/**
 * The memory and CPU that players cost who are connected and do nothing: in the connector, and in NATS. With the folder of another tree that
 * is built, such as the commit before, as many players are idle in that one at the same time.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    /** By comma: so many first, then more until there are so many, and so on: what each one more costs shows then. */
    sockets: { type: 'string', default: '4000' },
    /** From the last handshake of a number to its weighing; CPU is counted over the second half. */
    minutes: { type: 'string', default: '2' },
    /** Node options of the connectors, beside those that they always have. */
    'node-options': { type: 'string', default: '' },
  },
});
const idleMs = Number(values.minutes) * 60_000;
/** A server that has just started still loads and compiles. */
const warmUpMs = 3_000;
/** The memory is looked at so often, to tell whether it still rises. */
const samples = 6;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

const trees = [...positionals, '.'].map((tree) => resolve(tree));
const sides: IdleSide[] = [];
try {
  const nodeOptions = values['node-options'].split(' ').filter((option) => option !== '');
  for (const tree of trees) sides.push(await IdleSide.start(tree, nodeOptions));
  await sleep(warmUpMs);
  for (const side of sides) side.weighEmpty();
  for (const sockets of values.sockets.split(',').map(Number)) {
    for (const side of sides) await side.openUntil(sockets);
    for (let sample = 1; sample <= samples; sample += 1) {
      await sleep(idleMs / samples);
      if (sample === samples / 2) for (const side of sides) side.beginCounting();
      const seconds = Math.round((idleMs / samples / 1_000) * sample);
      for (const side of sides) say(`after ${seconds} s: ${side.describe()}`);
    }
    for (const side of sides) {
      const fixed = { bench: 'connections', node: process.version, idle_seconds: idleMs / 1_000 };
      say(JSON.stringify({ ...fixed, ...side.weigh() }));
    }
  }
} finally {
  for (const side of sides) await side.stop();
}
process.exit();
