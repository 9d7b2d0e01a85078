import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { slowLog } from '@ccgame/rpc';
import Fastify from 'fastify';
import { openRequestContexts } from './request-context.js';

it('a slow request is told in the log, also where its client gives up before the answer', async () => {
  const told = jest.spyOn(slowLog, 'tell').mockImplementation();
  const fastify = Fastify();
  const app = { getHttpAdapter: () => ({ getInstance: () => fastify }) };
  openRequestContexts(app as unknown as NestFastifyApplication);
  let begun = (): void => undefined;
  const hasBegun = new Promise<void>((resolve) => (begun = resolve));
  const aborted = new Promise<void>((resolve) => {
    fastify.addHook('onRequestAbort', (_, done) => {
      done();
      resolve();
    });
  });
  fastify.get('/v1/never', () => {
    begun();
    return new Promise(() => undefined);
  });
  await fastify.listen({ port: 0, host: '127.0.0.1' });
  const client = connect((fastify.server.address() as AddressInfo).port, '127.0.0.1');
  await once(client, 'connect');
  client.write('GET /v1/never HTTP/1.1\r\nhost: x\r\n\r\n');
  await hasBegun;
  // Longer than SLOW_REQUEST_SECONDS, which is 1.
  await new Promise((resolve) => setTimeout(resolve, 1_050));
  client.destroy();
  await aborted;
  expect(told).toHaveBeenCalledWith(expect.objectContaining({ event: 'request.slow', failed: 'aborted' }));
  told.mockRestore();
  await fastify.close();
});
