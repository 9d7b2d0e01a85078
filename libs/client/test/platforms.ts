import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createContext, runInContext } from 'node:vm';
import { WebSocket } from 'ws';
import type * as Sdk from '../src/index.js';
import { wechatPlatform } from '../src/wechat.js';
import { WechatStandIn } from './wechat-stand-in.js';
import type { WholeGame } from './whole-game.js';

/** One file with all that the SDK is made of, as a studio copies it into a mini game. */
const built = join('dist', 'npm', 'client', 'standalone.cjs');

type Options = Partial<Sdk.ConnectOptions>;

interface Environment {
  /** The platform's parts beside the language and its timers. */
  globals: () => object;
  /** Takes out of the language what it has not learned yet, as JavaScript. */
  missing?: string;
  options: () => Options;
}

const deviceId = () => ({ deviceId: crypto.randomUUID() });

/** WebSocket and fetch with nothing but what the options promise to need. */
class BareSocket {
  onopen: ((event: object) => void) | null = null;
  onclose: ((event: object) => void) | null = null;
  onerror: ((event: object) => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  private readonly socket: WebSocket;

  constructor(url: string) {
    this.socket = new WebSocket(url);
    this.socket.on('open', () => this.onopen?.({}));
    this.socket.on('message', (data) => this.onmessage?.({ data: (data as Buffer).toString() }));
    this.socket.on('error', (error) => this.onerror?.(error));
    this.socket.on('close', () => this.onclose?.({}));
  }

  send(text: string): void {
    this.socket.send(text);
  }

  close(): void {
    this.socket.close();
  }
}

async function bareFetch(url: string, { method, headers, body }: Sdk.FetchOptions) {
  const response = await fetch(url, { method, headers, body });
  const text = await response.text();
  return {
    ok: response.ok,
    headers: { get: (name: string) => response.headers.get(name) },
    json: async () => JSON.parse(text) as unknown,
  };
}

function storage(kept = new Map<string, string>()): Sdk.KeptTexts {
  return {
    getItem: async (key) => kept.get(key) ?? null,
    setItem: async (key, value) => void kept.set(key, value),
  };
}

const given = (): Options => ({
  fetch: bareFetch,
  webSocket: BareSocket,
  storage: storage(),
  randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
});

class NoUrl {
  get searchParams(): never {
    throw new Error('not implemented');
  }
}

const environments: Record<string, Environment> = {
  'a platform with nothing but the language': { globals: () => ({}), options: given },
  'a WeChat mini game': {
    globals: () => ({}),
    options: () => wechatPlatform(new WechatStandIn()),
  },
  'Safari 14': {
    globals: () => ({
      fetch,
      WebSocket,
      AbortController,
      AbortSignal: class {},
      navigator: { product: 'Gecko' },
    }),
    missing: `delete Object.hasOwn; delete Array.prototype.at; delete String.prototype.at; delete Array.prototype.findLast;
      const { Error: Full } = globalThis; globalThis.Error = function (text) { return new.target ?
      Reflect.construct(Full, [text], new.target) : new Full(text) }; Error.prototype = Full.prototype;
      Object.defineProperty(Promise, 'withResolvers', { value: undefined });`,
    options: deviceId,
  },
  'React Native': {
    globals: () => ({ fetch, WebSocket, AbortController, URL: NoUrl, navigator: { product: 'ReactNative' } }),
    options: () => ({ ...deviceId() }),
  },
};

function load({ globals, missing = '' }: Pick<Environment, 'globals' | 'missing'>): typeof Sdk {
  const context = createContext({ setTimeout, clearTimeout, ...globals() });
  runInContext(missing, context);
  const module = { exports: {} as typeof Sdk };
  const run = runInContext(`(function (module, exports) {${readFileSync(built, 'utf8')}\n})`, context) as (
    module: object,
    exports: object,
  ) => void;
  run(module, module.exports);
  return module.exports;
}

/** The built SDK in contexts that have no more than the named platform, against the real servers. */
export function describePlatforms(game: () => WholeGame): void {
  let clients: Sdk.Client[] = [];

  afterEach(() => {
    for (const client of clients) client.close();
    clients = [];
  });

  function open({ connect }: typeof Sdk, options: Options): Sdk.Client {
    const client = connect({ url: game().url, ...options });
    clients.push(client);
    return client;
  }

  function matched(client: Sdk.Client): Promise<string> {
    return new Promise((resolve) =>
      client.on('matched', ({ matchId }: { matchId: string }) => resolve(matchId)),
    );
  }

  const becomes = (client: Sdk.Client, state: Sdk.ClientState) =>
    new Promise<void>((resolve) => client.on('state', (now) => now === state && resolve()));

  const failed = (error: Promise<unknown>) =>
    error.then(
      () => undefined,
      (failure: Sdk.ClientError) => failure,
    );

  it.each(Object.entries(environments))(
    'plays in %s: request, cut, push, each once',
    async (_, environment) => {
      const sdk = load(environment);
      const players = [open(sdk, environment.options()), open(sdk, environment.options())];
      for (const player of players) player.room('dice.table' as never);
      await Promise.all(players.map(({ ready }) => ready));
      const back = players.map((player) => becomes(player, 'online'));
      game().network.cut(1);
      await Promise.all(back);
      const matches = players.map(matched);
      for (const player of players) {
        const ticket = await player.request('matching.user_join_matching', { mode: 'duel' });
        expect(ticket).toHaveProperty('ticketId');
      }
      const [first, second] = await Promise.all(matches);
      expect(first).toBe(second);
    },
    60_000,
  );

  it('is the same guest at the next start, by the id in the storage', async () => {
    const kept = new Map<string, string>();
    const sdk = load(environments['a platform with nothing but the language']);
    const options = { ...given(), storage: storage(kept) };
    const first = open(sdk, options);
    const ticket = await first.request('matching.user_join_matching', { mode: 'duel' });
    first.close();
    const next = open(sdk, options);
    const { ticketId } = ticket as { ticketId: string };
    expect(await next.request('matching.user_matching_status', undefined)).toMatchObject({ ticketId });
    await next.request('matching.user_leave_matching', undefined);
    expect([...kept.values()]).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)]);
  }, 60_000);

  it('tries again at once when the player comes back to the mini game, and leaves no socket open', async () => {
    const wx = new WechatStandIn();
    const world = { waitsLong: false };
    // The wait after a failure is minutes then.
    const missing = 'const { random } = Math; Math.random = () => (world.waitsLong ? 1_000 : random())';
    const sdk = load({ globals: () => ({ world }), missing });
    const player = open(sdk, { ...wechatPlatform(wx), ...deviceId() });
    await player.ready;
    const gone = becomes(player, 'reconnecting');
    const back = becomes(player, 'online');
    world.waitsLong = true;
    game().network.cut(1);
    await gone;
    wx.show();
    await back;
    player.close();
    while (wx.sockets > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  }, 30_000);

  it('names what the platform lacks at the call, and tries nothing', () => {
    const sdk = load({ globals: () => ({}) });
    const { fetch: ask, webSocket, ...others } = given();
    expect(() => open(sdk, { ...others, ask } as Options)).toThrow(/fetch/);
    expect(() => open(sdk, { ...others, fetch: ask })).toThrow(/webSocket/);
    expect(() => open(sdk, { fetch: ask, webSocket })).toThrow(/token/);
    expect(() => open(sdk, { ...given(), storage: {} as Sdk.KeptTexts })).toThrow(/storage/);
  });

  it.each([
    ['fetch', 'async () => nowhere.fetch()'],
    ['fetch', '() => undefined.fetch()'],
    ['fetch', 'async () => ({ ok: true })'],
    ['webSocket', 'class { constructor(url) { this.open(url) } }'],
    ['storage', '({ getItem: () => nowhere.get(), setItem: () => {} })'],
  ])('ends with the mistake in the given %s, told once: %s', async (option, code) => {
    let mistaken: unknown;
    const sdk = load({
      globals: () => ({ keep: (value: unknown) => (mistaken = value) }),
      missing: `keep(${code})`,
    });
    const player = open(sdk, { ...given(), [option]: mistaken });
    const errors: string[] = [];
    player.on('error', (error) => errors.push(error.code));
    const error = await failed(player.ready);
    expect(error?.cause).toHaveProperty('stack');
    expect(errors).toEqual([option === 'storage' ? 'TOKEN_FAILED' : 'DEFECT']);
    expect(player.state).toBe('closed');
  });

  it('goes on trying where the network fails, in whatever language a browser says so', async () => {
    let fetchOfNetwork: unknown;
    const code = 'keep(async () => { throw new TypeError("网络连接已中断。") })';
    const sdk = load({
      globals: () => ({ keep: (value: unknown) => (fetchOfNetwork = value) }),
      missing: code,
    });
    const player = open(sdk, { ...given(), fetch: fetchOfNetwork as Sdk.Fetch });
    const errors: string[] = [];
    await new Promise<void>((resolve) => {
      player.on('error', ({ code: told }) => errors.push(told) === 2 && resolve());
    });
    expect(errors).toEqual(['UNREACHABLE', 'UNREACHABLE']);
    expect(player.state).toBe('connecting');
  });
}
