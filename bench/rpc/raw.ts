// (a) nats.js v3 as it comes: `subscribe` and `request`, JSON on both sides, no checks.
import { connect } from '@nats-io/transport-node';
import { serverIsReady, serveRounds } from './driver.js';

const [, , role, address] = process.argv;
const nats = await connect({ servers: address });
if (role === 'server') {
  nats.subscribe('bench.raw', {
    callback: (_, message) => {
      message.respond(JSON.stringify(message.json()));
    },
  });
  await nats.flush();
  serverIsReady();
} else {
  serveRounds(async (data) =>
    (await nats.request('bench.raw', JSON.stringify(data), { timeout: 10_000 })).json(),
  );
}
