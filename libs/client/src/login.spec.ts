import { login, tokenOf } from './login.js';
import type { KeptTexts } from './platform.js';

const url = 'https://play.example.com';

describe('a guest', () => {
  let devices: string[];
  let ms: number;
  let clock: jest.SpyInstance;

  beforeEach(() => {
    devices = [];
    ms = 1_000;
    clock = jest.spyOn(performance, 'now').mockImplementation(() => ms);
  });
  afterEach(() => clock.mockRestore());

  const fetch = async (_: string, { body = '' }: { body?: string }) => {
    devices.push((JSON.parse(body) as { deviceId: string }).deviceId);
    const json = async () => ({ playerId: 'p', token: `token ${devices.length}`, expiresInSeconds: 900 });
    return { ok: true, headers: { get: () => null }, json };
  };
  const guest = (storage?: KeptTexts) =>
    tokenOf({ url, fetch, ...(storage ? { storage } : { deviceId: 'the-device' }) }) as (
      reason: string,
    ) => Promise<string>;

  it('is logged in once for all connections of the token’s time, and anew where that is refused, renewed or over', async () => {
    const token = guest();
    expect(await token('connect')).toBe('token 1');
    ms += 600_000;
    expect(await token('connect')).toBe('token 1');
    expect(await token('refused')).toBe('token 2');
    expect(await token('renew')).toBe('token 3');
    expect(await token('connect')).toBe('token 3');
    ms += 890_000;
    expect(await token('connect')).toBe('token 4');
  });

  it('is logged in for each connection by servers that tell no time', async () => {
    const untold = async (path: string, options: { body?: string }) => {
      const answer = await fetch(path, options);
      return { ...answer, json: async () => ({ ...(await answer.json()), expiresInSeconds: undefined }) };
    };
    const token = tokenOf({ url, fetch: untold, deviceId: 'the-device' }) as (
      reason: string,
    ) => Promise<string>;
    expect([await token('connect'), await token('connect')]).toEqual(['token 1', 'token 2']);
  });

  it('plays where the storage is full, is the same at each login, and is kept as soon as there is room', async () => {
    const kept = new Map<string, string>();
    let isFull = true;
    const token = guest({
      getItem: (key) => kept.get(key),
      setItem: (key, value) => {
        if (isFull) throw new DOMException('full', 'QuotaExceededError');
        kept.set(key, value);
      },
    });
    await token('connect');
    await token('renew');
    isFull = false;
    await token('renew');
    expect(new Set(devices)).toEqual(new Set(kept.values()));
    expect(devices).toEqual(Array(3).fill(expect.stringMatching(/^[0-9a-f]{32}$/)));
  });

  it('is one where the first launch asks for the token twice at once, though the storage and the bytes take a while', async () => {
    const kept = new Map<string, string>();
    const storage = {
      getItem: async (key: string) => Promise.resolve(kept.get(key)),
      setItem: async (key: string, value: string) => void (await Promise.resolve(kept.set(key, value))),
    };
    let made = 0;
    const randomBytes = (count: number) => Promise.resolve(new Uint8Array(count).fill((made += 1)));
    const token = tokenOf({ url, fetch, storage, randomBytes }) as (reason: string) => Promise<string>;
    expect(await Promise.all([token('connect'), token('connect')])).toEqual(['token 1', 'token 1']);
    expect(devices).toEqual([...kept.values()]);
    expect(devices).toHaveLength(1);
  });

  it('stays the same within a page, also where another tab has written its own since', async () => {
    const kept = new Map<string, string>();
    const token = guest({
      getItem: (key) => kept.get(key),
      setItem: (key, value) => void kept.set(key, value),
    });
    await token('connect');
    for (const key of kept.keys()) kept.set(key, 'of-the-other-tab');
    await token('renew');
    expect(new Set(devices).size).toBe(1);
    expect([...kept.values()]).toEqual(['of-the-other-tab']);
  });

  it('is that of the tab which wrote first', async () => {
    const kept = new Map<string, string>();
    const storage = {
      getItem: (key: string) => kept.get(key),
      setItem: (key: string, value: string) => void kept.set(key, value),
    };
    const randomBytes = (count: number) => {
      kept.set('ccgame.device', 'of-the-other-tab');
      return Promise.resolve(new Uint8Array(count));
    };
    const token = tokenOf({ url, fetch, storage, randomBytes }) as (reason: string) => Promise<string>;
    await token('connect');
    expect(devices).toEqual(['of-the-other-tab']);
  });

  it.each([
    [503, 'GONE'],
    [504, 'TIMEOUT'],
    [500, 'INTERNAL'],
  ])('may be logged in again after a %d %s: nothing is done twice by that', async (status, code) => {
    const problem = { status, code, title: 'no', retryable: false };
    const failing = async () => ({ ok: false, headers: { get: () => null }, json: async () => problem });
    const attempt = login({ url, fetch: failing, deviceId: 'the-device' });
    await expect(attempt).rejects.toMatchObject({ code, retryable: true });
  });

  it('is not logged in again by itself after a refusal', async () => {
    const problem = { status: 403, code: 'BANNED', title: 'no', retryable: false };
    const refusing = async () => ({ ok: false, headers: { get: () => null }, json: async () => problem });
    const attempt = login({ url, fetch: refusing, deviceId: 'the-device' });
    await expect(attempt).rejects.toMatchObject({ code: 'BANNED', retryable: false });
  });

  it('is told of a mistake in the given storage', async () => {
    const setItem = () => (undefined as never as Map<string, string>).clear();
    await expect(guest({ getItem: () => undefined, setItem })('connect')).rejects.toThrow(TypeError);
  });

  it.each(['https://play.example.com/eu', 'play.example.com', 'https://play.example.com?region=eu'])(
    'is not logged in at %s, which is no address of a game',
    async (wrong) => {
      await expect(login({ url: wrong, fetch, deviceId: 'the-device' })).rejects.toThrow(/url/);
      expect(devices).toEqual([]);
    },
  );
});
