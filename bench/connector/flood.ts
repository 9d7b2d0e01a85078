// A child of the bench, so that the flood's own work is not what the players feel: flood.js <port> <kind> <connections> [resting]
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setPriority } from 'node:os';
import { type FloodKind, Flooder, tokenOf } from '@ccgame/testing';

const [port, kind, connections, resting] = process.argv.slice(2);
/** A flooder of the real world is on a machine of its own, so this one leaves the players and the servers the cores that they want. */
const lowest = 19;
setPriority(lowest);
let flooders: Flooder[] = [];
let [opened, sent] = [0, 0];
let isVisit = false;
/**
 * Plain HTTP begins without a handshake, so in the calm it floods a port that nothing is read from: what it takes of this machine's two cores is
 * not the connector's doing. The other kinds come, are let in, and are silent.
 */
const restMs = 500;
const sink =
  kind === 'http'
    ? createServer({ pauseOnConnect: true }, (socket) => {
        socket.on('error', () => undefined);
        setTimeout(() => socket.destroy(), restMs).unref();
      }).listen(0, '127.0.0.1')
    : undefined;
if (sink) await once(sink, 'listening');

function come(): void {
  const name = `${isVisit ? 'visitor' : 'flooder'}-${kind}`;
  const to = isVisit && sink ? (sink.address() as AddressInfo).port : Number(port);
  const isSilent = isVisit && !sink;
  flooders = Array.from(
    { length: Number(connections) },
    (_, index) => new Flooder(to, kind as FloodKind, tokenOf(`${name}-${index}`), { isSilent }),
  );
}

function rest(): void {
  for (const one of flooders.splice(0)) {
    one.stop();
    if (isVisit) continue;
    opened += one.opened;
    sent += one.sent;
  }
}

process.on('message', (order) => {
  if (order === 'flood' || order === 'visit') {
    isVisit = order === 'visit';
    return come();
  }
  rest();
  process.send?.({ opened, sentMb: sent / 1e6 });
  if (order === 'stop') process.disconnect();
});
if (resting === undefined) come();
process.send?.('ready');
