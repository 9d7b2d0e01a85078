import { type Control, startControl } from './control.js';
import { chooseServer } from './choose-server.js';

describe('the public port of a launcher', () => {
  const lookup = (type: string, version = 'stable'): string => `${type} ${version}`;
  const choose = (url: string): string | undefined => chooseServer({ url, headers: {} }, lookup);

  it('finds a server for whatever a client writes in the place of a path', () => {
    const strange = ['//', '//a:b', 'http://[', 'http://x:99999/', '*', '/%', '/?x=%', '/v//', ''];
    for (const url of strange) expect([url, choose(url)]).toEqual([url, 'http stable']);
    expect(choose('/socket.io/?version=1.0.0001&x')).toBe('connector 1.0.0001');
    expect(choose('/v/1.0.0002/socket.io')).toBe('connector 1.0.0002');
  });
});

describe('the control port of a launcher', () => {
  const asked: string[] = [];
  let control: Control;
  beforeAll(async () => {
    control = await startControl({
      start: async (version) => void asked.push(version),
      stop: (version) => void asked.push(version),
      servers: () => Promise.resolve([]),
      route: () => undefined,
    });
  });
  afterAll(() => control.close());

  it('is open to those alone who have read its address, and no page of a browser has', async () => {
    const { origin } = new URL(control.url);
    for (const path of ['/', '/servers', '/versions/1.0.0000', `/${'0'.repeat(32)}/servers`]) {
      expect((await fetch(origin + path)).status).toBe(404);
      expect((await fetch(origin + path, { method: 'POST', body: '{}' })).status).toBe(404);
    }
    expect(asked).toEqual([]);
    expect(await (await fetch(control.url)).json()).toBe(process.pid);
    expect(await (await fetch(`${control.url}/servers`)).json()).toEqual([]);
    await fetch(`${control.url}/versions/1.0.0001`, { method: 'POST', body: '{}' });
    expect(asked).toEqual(['1.0.0001']);
  });

  it('reads no more than a question may have', async () => {
    const body = 'x'.repeat(2 * 1024 * 1024);
    const answer = await fetch(`${control.url}/versions/1.0.0001`, { method: 'POST', body }).catch(
      () => undefined,
    );
    expect(answer?.ok ?? false).toBe(false);
  });
});
