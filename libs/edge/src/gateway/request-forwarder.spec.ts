import { codeOf, invalid, rpcContext } from '@ccgame/rpc';
import { untilHolds } from '@ccgame/testing';
import type { PlayerSession } from './player-session.js';
import { RequestForwarder } from './request-forwarder.js';

type Handler = (session: unknown, target: unknown, data: unknown) => Promise<unknown>;

interface Forwarded {
  session: PlayerSession;
  responses: string[];
  /** Codes of the errors for which something was refused. */
  refusals: string[];
  /** Status and player of each answer, as the guard of a canary is told. */
  countedFor: unknown[];
  send: (message: object, how?: 'forwardRequest' | 'forwardNotify') => void;
}

function forward(message: object, callHandler: Handler, more: object = {}): Forwarded {
  const responses: string[] = [];
  const refusals: string[] = [];
  const countedFor: unknown[] = [];
  const session = {
    playerId: 'ann',
    version: '1.0.0000',
    inFlight: 0,
    routes: { labelOf: () => 'store.buy' },
    send: (_: string, json: string) => responses.push(json),
  } as unknown as PlayerSession;
  const routes = {
    targetOf: () => ({ serverType: 'store', handler: 'buy' }),
    labelOf: () => 'store.buy',
    isOrdered: () => false,
    knowsRepeats: () => false,
    isKeyed: () => false,
    ...more,
  };
  const forwarder = new RequestForwarder(
    {} as never,
    { callHandler } as never,
    {} as never,
    { ofMessage: (pinned: string) => pinned } as never,
    {
      countRequest: (_version: string, _route: string, status: number, _ms: number, player?: string) =>
        countedFor.push([status, player]),
    } as never,
    { recordRefusal: (_: unknown, error: unknown) => refusals.push(codeOf(error)) } as never,
    routes as never,
  );
  const context = { version: '1.0.0000', attributes: {}, hops: [] };
  const send: Forwarded['send'] = (one, how = 'forwardRequest') =>
    rpcContext.run(context, () => forwarder[how](session, one as never));
  send(message);
  return { session, responses, refusals, countedFor, send };
}

describe('a Request', () => {
  const message = { route: 'store.buy', data: {}, timestamp: 1 };

  it('is in flight until it is answered', async () => {
    const { session, responses } = forward(message, () => Promise.resolve({ x: 1 }));
    expect(session.inFlight).toBe(1);
    await untilHolds(() => responses.length === 1);
    expect(session.inFlight).toBe(0);
  });

  it('is refused where too many wait for a server that hangs, or where it is none', () => {
    const { session, refusals, send } = forward(message, () => new Promise(() => undefined));
    for (let timestamp = 2; timestamp <= 257; timestamp += 1) send({ ...message, timestamp });
    send({ ...message, timestamp: -1 });
    expect(session.inFlight).toBe(256);
    expect(refusals).toEqual(['BUSY', 'INVALID']);
  });

  it('is in flight no more where its call throws at once', () => {
    const { session, responses } = forward(message, () => {
      throw new Error('a bug');
    });
    expect(responses).toMatchObject([expect.stringContaining('INTERNAL')]);
    expect(session.inFlight).toBe(0);
  });

  it.each<[string, number, () => Promise<unknown>]>([
    ['fails', 400, () => Promise.reject(invalid([]))],
    ['is answered, which may take long', 200, () => Promise.resolve({})],
  ])(
    'is counted for its player where it %s, so that one player ends no canary',
    async (_, status, handle) => {
      const { responses, countedFor } = forward(message, handle);
      await untilHolds(() => responses.length === 1);
      expect(countedFor).toEqual([[status, 'ann']]);
    },
  );

  it('is counted as a Notify too, where that has an answer', async () => {
    const refuse: Handler = () => Promise.reject(invalid([]));
    const { countedFor, send } = forward(message, refuse, { isKeyed: () => true });
    send({ ...message, timestamp: 2 }, 'forwardNotify');
    await untilHolds(() => countedFor.length === 2);
    expect(countedFor).toEqual([
      [400, 'ann'],
      [400, 'ann'],
    ]);
  });

  it.each<[string, Uint8Array]>([
    ['a Buffer', Buffer.from('hello')],
    ['a Uint8Array', Uint8Array.of(104, 105)],
    ['no byte', new Uint8Array()],
  ])('is answered INTERNAL where its handler gives bytes: %s', async (_, bytes) => {
    const { session, responses } = forward(message, () => Promise.resolve(bytes));
    await untilHolds(() => responses.length === 1);
    expect(JSON.parse(responses[0])).toMatchObject({ error: { code: 'INTERNAL', retryable: false } });
    expect(session.inFlight).toBe(0);
  });
});

describe('messages of an ordered route', () => {
  const message = { route: 'board.steer', data: 'first', timestamp: 1 };

  /** The first one hangs until `endFirst` is called. */
  function inOrder() {
    const begun: unknown[] = [];
    let endFirst: () => void = () => undefined;
    const callHandler: Handler = (_session, _target, data) => {
      begun.push(data);
      return begun.length > 1 ? Promise.resolve() : new Promise<void>((resolve) => (endFirst = resolve));
    };
    const routes = { isOrdered: () => true, knowsOrder: () => false, isKeyed: () => true };
    const forwarded = forward(message, callHandler, routes);
    return { ...forwarded, begun, endFirst: () => endFirst() };
  }

  afterEach(() => void jest.restoreAllMocks());

  it('are done in their order, Requests and Notifies, and not without end while one hangs', async () => {
    const { session, refusals, send, begun, endFirst } = inOrder();
    for (let data = 1; data <= 256; data += 1)
      send({ ...message, data, timestamp: data + 1 }, data % 2 === 0 ? 'forwardRequest' : 'forwardNotify');
    expect([begun, session.inFlight, refusals]).toEqual([['first'], 256, ['BUSY']]);
    endFirst();
    await untilHolds(() => session.inFlight === 0);
    expect(begun).toEqual(['first', ...Array.from({ length: 255 }, (_, index) => index + 1)]);
  });

  it('are not begun any more where they have waited longer than anybody waits for an answer', async () => {
    const { session, responses, send, begun, endFirst } = inOrder();
    send({ ...message, timestamp: 2 });
    const now = performance.now();
    jest.spyOn(performance, 'now').mockReturnValue(now + 11_000);
    endFirst();
    await untilHolds(() => session.inFlight === 0);
    expect(begun).toEqual(['first']);
    expect(responses[1]).toContain('"code":"BUSY","message":"BUSY","retryable":true');
  });
});
