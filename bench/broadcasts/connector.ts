import { Delivery, type FeedSink } from '@ccgame/sessions';
import { openPublisher } from '../connector/pushes.js';

/** The part of a connector that gets pushes, without sockets: they cost the same, however a push came. Counts for its parent. */
const [natsAddress, ...players] = process.argv.slice(2);
const app = await openPublisher(natsAddress, 'connector-0');
const delivery = app.get(Delivery);
await delivery.start();
let received = 0;
const count = (): void => void (received += 1);
const sink: FeedSink = {
  beginFeed: () => {},
  pushMessage: count,
  pushOfTopic: count,
  noteDelivered: () => {},
  untilRead: () => undefined,
  closeSlowConsumer: () => {},
};
for (const player of players) await delivery.openFeed(player, sink).open();
process.on('message', () => process.send?.(received));
process.on('disconnect', () => process.exit(0));
process.send?.(received);
