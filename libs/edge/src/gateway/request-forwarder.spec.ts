import { codeOf, rpcContext } from '@ccgame/rpc';
import { untilHolds } from '@ccgame/testing';
import type { PlayerSession } from './player-session.js';
import { RequestForwarder } from './request-forwarder.js';

describe('a Request', () => {
  const message = { route: 'store.buy', data: {}, timestamp: 1 };

  interface Forwarded {
    session: PlayerSession;
    responses: string[];
    /** Codes of the errors for which something was refused. */
    refusals: string[];
    send: (message: object) => void;
  }

  function forward(callHandler: () => Promise<unknown>): Forwarded {
    const responses: string[] = [];
    const refusals: string[] = [];
    const session = {
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
    };
    const forwarder = new RequestForwarder(
      {} as never,
      { callHandler } as never,
      {} as never,
      { ofMessage: (pinned: string) => pinned } as never,
      { countRequest: () => undefined } as never,
      { recordRefusal: (_: unknown, error: unknown) => refusals.push(codeOf(error)) } as never,
      routes as never,
    );
    const context = { version: '1.0.0000', attributes: {}, hops: [] };
    const send = (one: object): void =>
      rpcContext.run(context, () => forwarder.forwardRequest(session, one as never));
    send(message);
    return { session, responses, refusals, send };
  }

  it('is in flight until it is answered', async () => {
    const { session, responses } = forward(() => Promise.resolve({ x: 1 }));
    expect(session.inFlight).toBe(1);
    await untilHolds(() => responses.length === 1);
    expect(session.inFlight).toBe(0);
  });

  it('is refused where too many wait for a server that hangs, or where it is none', () => {
    const { session, refusals, send } = forward(() => new Promise(() => undefined));
    for (let timestamp = 2; timestamp <= 257; timestamp += 1) send({ ...message, timestamp });
    send({ ...message, timestamp: -1 });
    expect(session.inFlight).toBe(256);
    expect(refusals).toEqual(['BUSY', 'INVALID']);
  });

  it('is in flight no more where its call throws at once', () => {
    const { session, responses } = forward(() => {
      throw new Error('a bug');
    });
    expect(responses).toMatchObject([expect.stringContaining('INTERNAL')]);
    expect(session.inFlight).toBe(0);
  });

  it.each<[string, Uint8Array]>([
    ['a Buffer', Buffer.from('hello')],
    ['a Uint8Array', Uint8Array.of(104, 105)],
    ['no byte', new Uint8Array()],
  ])('is answered INTERNAL where its handler gives bytes: %s', async (_, bytes) => {
    const { session, responses } = forward(() => Promise.resolve(bytes));
    await untilHolds(() => responses.length === 1);
    expect(JSON.parse(responses[0])).toMatchObject({ error: { code: 'INTERNAL', retryable: false } });
    expect(session.inFlight).toBe(0);
  });
});
