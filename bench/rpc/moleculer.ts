// (d) moleculer 0.14 over NATS, with its fastest-validator.
import { ServiceBroker } from 'moleculer';
import { serverIsReady, serveRounds } from './driver.js';
import type { BenchDto } from './payload.js';

const [, , role, address] = process.argv;
const broker = new ServiceBroker({
  nodeID: `moleculer-${role}`,
  transporter: address,
  logger: false,
  requestTimeout: 10_000,
});
if (role === 'server') {
  broker.createService({
    name: 'bench',
    actions: {
      echo: {
        params: {
          $$strict: true,
          id: 'number|integer|min:0',
          mode: { type: 'enum', values: ['ranked', 'casual'] },
          region: 'string|max:32',
          tags: { type: 'array', items: 'string', max: 8 },
          player: {
            type: 'object',
            strict: true,
            props: { uid: 'string|max:64', rating: 'number|integer|min:0' },
          },
          note: 'string|max:128',
        },
        handler: ({ params }: { params: BenchDto }) => params,
      },
    },
  });
}
await broker.start();
if (role === 'server') {
  serverIsReady();
} else {
  await broker.waitForServices('bench');
  serveRounds((data) => broker.call('bench.echo', data));
}
