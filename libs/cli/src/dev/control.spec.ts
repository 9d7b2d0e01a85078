import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { startControl } from './control.js';
import type { StartRequest } from './start-request.js';

describe('the control port of a launcher', () => {
  it('reads the name of a folder whole, of which a character came in two parts', async () => {
    const started: (string | undefined)[] = [];
    const control = await startControl({
      start: (_version: string, { folder }: StartRequest) => Promise.resolve(void started.push(folder)),
      stop: () => undefined,
      servers: () => Promise.resolve([]),
      route: () => undefined,
    });
    try {
      const body = Buffer.from(JSON.stringify({ folder: '/home/小明/游戏' }));
      const asked = httpRequest(`${control.url}/versions/1.0.0001`, { method: 'POST', agent: false });
      const cut = body.indexOf(Buffer.from('小')) + 1;
      asked.write(body.subarray(0, cut));
      await sleep(100);
      asked.end(body.subarray(cut));
      const [response] = (await once(asked, 'response')) as [IncomingMessage];
      response.resume();
      expect(response.statusCode).toBe(200);
      expect(started).toEqual(['/home/小明/游戏']);
    } finally {
      control.close();
    }
  });
});
