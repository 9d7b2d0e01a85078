// A child of the bench, so that the flood's own work is not what the players feel: flood.js <port> <kind> <connections> [resting]
import { setPriority } from 'node:os';
import { type FloodKind, Flooder, tokenOf } from '@ccgame/testing';

const [port, kind, connections, resting] = process.argv.slice(2);
/** A flooder of the real world is on a machine of its own, so this one leaves the players and the servers the cores that they want. */
const lowest = 19;
setPriority(lowest);
let flooders: Flooder[] = [];
let [opened, sent] = [0, 0];

function come(isSilent: boolean): void {
  const name = `${isSilent ? 'visitor' : 'flooder'}-${kind}`;
  flooders = Array.from(
    { length: Number(connections) },
    (_, index) => new Flooder(Number(port), kind as FloodKind, tokenOf(`${name}-${index}`), { isSilent }),
  );
}

function rest(): void {
  for (const one of flooders.splice(0)) {
    one.stop();
    if (one.isSilent) continue;
    opened += one.opened;
    sent += one.sent;
  }
}

process.on('message', (order) => {
  if (order === 'flood' || order === 'visit') return come(order === 'visit');
  rest();
  process.send?.({ opened, sentMb: sent / 1e6 });
  if (order === 'stop') process.disconnect();
});
if (resting === undefined) come(false);
process.send?.('ready');
