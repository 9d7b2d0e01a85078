import { parseArgs } from 'node:util';
import { Logger } from '@nestjs/common';
import { round } from '../connector/statistics.js';
import { Bed } from './bed.js';
import { type Figures, makeCalls, medianOf } from './make-calls.js';
import { echo, readSteps, step, wakeLater } from './sleeper.js';

/**
 * `npm run bench:entities`: calls that are stored and plain calls in turn; then a crowd that is born, falls asleep, is woken, and sleeps
 * with an alarm each, with the memory that it takes of a server that owns it and of one that doesn't. The last line is JSON.
 */
const { values } = parseArgs({
  options: {
    sleepers: { type: 'string', default: '100000' },
    /** How long sleepers may be born, and given their alarms, s: on a slow machine there are fewer of them. */
    'crowd-seconds': { type: 'string', default: '15' },
    seconds: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '3' },
    'in-flight': { type: 'string', default: '20,200,1000' },
  },
});
Logger.overrideLogger(false);
const forMs = Number(values.seconds) * 1_000;
const crowdMs = Number(values['crowd-seconds']) * 1_000;
const crowd = 1_000;
const hot = 200;
const hourMs = 3_600_000;

const bed = await Bed.open();
const memory: Record<string, number> = { owner_of_none: await bed.rssOfNewOwner() };
const calls = [];
for (const inFlight of values['in-flight'].split(',').map(Number)) {
  const found = await compareCalls(inFlight);
  calls.push(found);
  tell(`calls, ${inFlight} at once`, found);
}

const idOf = (index: number): string => `s-${index}`;
const most = Number(values.sleepers);
const born = await makeCalls(bed, { inFlight: crowd, most, forMs: crowdMs }, (index) =>
  bed.entities.call(step, idOf(index), { by: 1 }),
);
const sleepers = born.made;
tell('born', born);
await bed.untilAsleep();
memory.owner_of_sleepers = await bed.rssOfNewOwner();
const woken = await makeCalls(bed, { inFlight: crowd, most: sleepers, forMs: 4 * forMs }, (index) =>
  bed.entities.call(readSteps, idOf(index), undefined),
);
tell('woken', woken);
const alarmed = await makeCalls(bed, { inFlight: crowd, most: sleepers, forMs: crowdMs }, (index) =>
  bed.entities.call(wakeLater, idOf(index), hourMs),
);
await bed.untilAsleep();
memory.owner_of_sleepers_with_alarms = await bed.rssOfNewOwner();
memory.other_version = await bed.rssOfOtherVersion();
memory.nats_server = bed.natsRssMb;
tell('memory, MB', memory);
console.log(
  JSON.stringify({
    bench: 'entities',
    calls,
    sleepers,
    born,
    woken,
    alarms: alarmed.made,
    memory_mb: memory,
  }),
);
await bed.close();
process.exit(0);

async function compareCalls(inFlight: number): Promise<object> {
  const runs: Record<'plain' | 'stored', Figures[]> = { plain: [], stored: [] };
  const load = { inFlight, most: Infinity, forMs };
  for (let turn = 0; turn < Number(values.rounds); turn += 1) {
    runs.plain.push(await makeCalls(bed, load, () => bed.rpc.doRPC({ handler: echo }, { by: 1 })));
    runs.stored.push(
      await makeCalls(bed, load, (call) => bed.entities.call(step, `hot-${call % hot}`, { by: 1 })),
    );
  }
  const [plain, stored] = [medianOf(runs.plain), medianOf(runs.stored)];
  return { inFlight, plain, stored, ratio: round(stored.perSecond / plain.perSecond, 2) };
}

function tell(what: string, figures: object): void {
  process.stdout.write(`${what}: ${JSON.stringify(figures)}\n`);
}
