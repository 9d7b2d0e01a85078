// A child of the bench, so that the flood's own work is not what the players feel: flood.js <port> <kind> <connections>
import { type FloodKind, Flooder, tokenOf } from '@ccgame/testing';

const [port, kind, connections] = process.argv.slice(2);
const flooders = Array.from(
  { length: Number(connections) },
  (_, index) => new Flooder(Number(port), kind as FloodKind, tokenOf(`flooder-${kind}-${index}`)),
);
process.on('message', () => {
  const count = (of: 'opened' | 'sent'): number => flooders.reduce((sum, one) => sum + one[of], 0);
  process.send?.({ opened: count('opened'), sentMb: count('sent') / 1e6 });
  for (const one of flooders) one.stop();
  process.disconnect();
});
process.send?.('ready');
