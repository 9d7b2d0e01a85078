import type { GatewayMessageDto } from '@ccgame/protocol';
import { clientHandler } from '@ccgame/rpc';
import type { SocketSession } from '../gateway/socket-session.js';
import type { KnownServers } from '../edge-options.js';
import { PlayerRoutes, targetOfRoute } from './player-routes.js';

const table = { kind: 'dice.table', keyOf: (id: string) => `key-${id}`, objectOf: (id: string) => id };
const steer = clientHandler({ serverType: 'dice', handler: 'steer', keyed: true, bound: table });
const session = (room?: string): SocketSession =>
  ({
    playerId: 'ann',
    boundServer: (type) => (type === 'chat' || type === 'dice' ? `${type}-7` : undefined),
    boundTo: (of) => Promise.resolve(of.kind === table.kind ? room : undefined),
  }) as SocketSession;
const message = (route: string, data: object = {}): GatewayMessageDto => ({ route, data });

const servers: KnownServers = {
  listServers: (serverType, version = '1.0.0000') =>
    Promise.resolve([{ serverId: `${serverType}-3`, serverType, version, load: 2 }]),
};

describe('the routes of players’ messages', () => {
  const chat = { serverType: 'chat', scope: 'client', handler: 'say' } as const;

  it('are chosen by a game that sees the session and the room that it is in', async () => {
    const routes = new PlayerRoutes({
      handlers: [steer],
      route: async (_message, { playerId, boundTo }) => ({
        ...chat,
        key: `${playerId} in ${await boundTo(table)}`,
      }),
    });
    expect(await routes.targetOf(message('chat.say'), session('r1'), servers)).toMatchObject({
      key: 'ann in r1',
    });
    expect(await routes.targetOf(message('chat.say'), session(), servers)).toMatchObject({
      key: 'ann in undefined',
    });
  });

  it('are chosen by a game that sees the servers', async () => {
    const routes = new PlayerRoutes({
      handlers: [],
      route: async (_message, _session, { listServers }) => {
        const [{ serverId }] = await listServers('chat');
        return { scope: 'client', serverId, handler: 'say' };
      },
    });
    expect(await routes.targetOf(message('chat.say'), session(), servers)).toMatchObject({
      serverId: 'chat-3',
    });
  });

  it.each([
    ['by themselves', undefined],
    ['by a route function as a new game has it', targetOfRoute],
  ])('lead to the server that the session is bound to, but for the owner of a key, %s', (_, route) => {
    const routes = new PlayerRoutes({ handlers: [steer], route });
    const target = (route: string): object => routes.targetOf(message(route), session(), servers);
    expect(target('chat.say')).toEqual({ scope: 'client', serverId: 'chat-7', handler: 'say' });
    expect(target('shop.buy')).toEqual({ scope: 'client', serverType: 'shop', handler: 'buy' });
    expect(target('dice.steer')).not.toHaveProperty('serverId');
  });

  it('leave the key of a message open that is for the player’s room', () => {
    const routes = new PlayerRoutes({ handlers: [steer] });
    expect(routes.targetOf(message('dice.steer'), session('r1'), servers)).not.toHaveProperty('key');
    expect(routes.isKeyed('dice.steer')).toBe(true);
    expect(routes.boundOf('dice.steer')).toBe(table);
    expect(routes.boundOf('chat.say')).toBeUndefined();
  });

  it('are refused at the start where one is the protocol’s own, which no player would reach', () => {
    const renew = clientHandler({ serverType: 'session', handler: 'renew' });
    const problems = [expect.objectContaining({ field: 'handlers.session.renew' })];
    expect(() => new PlayerRoutes({ handlers: [steer, renew] })).toThrow(
      expect.objectContaining({ code: 'INVALID', details: { problems } }),
    );
  });

  it.each([
    ['perSecond', 0],
    ['perSecond', -1],
    ['perSecond', NaN],
    ['perSecond', Infinity],
    ['perSecond', '5'],
    ['perSecond', undefined],
    ['burst', 0],
    ['burst', 0.5],
    ['burst', NaN],
    ['burst', Infinity],
    ['burst', '5'],
  ])('are refused at the start with a limit that is none: %s %p', (field, value) => {
    const limit = { perSecond: 0.5, burst: 5 };
    const withLimit = (given: object) =>
      new PlayerRoutes({ handlers: [], routeLimits: { 'chat.say': { ...limit, ...given } } });
    expect(withLimit({}).limitOf('chat.say')).toEqual(limit);
    const problems = [expect.objectContaining({ field: `routeLimits.chat.say.${field}` })];
    expect(() => withLimit({ [field]: value })).toThrow(
      expect.objectContaining({ code: 'INVALID', details: { problems } }),
    );
  });

  it('have the limits of their contracts, but for those that the game sets', () => {
    const limit = { perSecond: 5, burst: 100 };
    const [view, look] = ['view', 'look'].map((handler) =>
      clientHandler({ serverType: 'dice', handler, limit }),
    );
    const own = { perSecond: 1, burst: 2 };
    const routes = new PlayerRoutes({ handlers: [steer, view, look], routeLimits: { 'dice.look': own } });
    const limits = ['dice.steer', 'dice.view', 'dice.look', 'constructor', 7].map((one) =>
      routes.limitOf(one),
    );
    expect(limits).toEqual([undefined, limit, own, undefined, undefined]);
  });

  it('have limits for the messages alone that their contracts count, whoever sets how often', () => {
    const counts = (data: unknown): boolean => data !== 'leave';
    const limit = { perSecond: 5, burst: 100, counts };
    const [view, look] = ['view', 'look'].map((handler) =>
      clientHandler({ serverType: 'dice', handler, limit }),
    );
    const own = { perSecond: 1, burst: 2 };
    const routes = new PlayerRoutes({ handlers: [view, look], routeLimits: { 'dice.look': own } });
    for (const [route, expected] of [['dice.view', limit] as const, ['dice.look', own] as const]) {
      expect(routes.limitOf(route, 'come')).toMatchObject(expected);
      expect(routes.limitOf(route, 'leave')).toBeUndefined();
    }
  });

  it('are refused at the start with a contract’s limit that is none', () => {
    const view = clientHandler({ serverType: 'dice', handler: 'view', limit: { perSecond: 0, burst: 1 } });
    const problems = [expect.objectContaining({ field: 'routeLimits.dice.view.perSecond' })];
    expect(() => new PlayerRoutes({ handlers: [view] })).toThrow(
      expect.objectContaining({ code: 'INVALID', details: { problems } }),
    );
  });

  it('take a game’s refusal, whenever it comes', async () => {
    const refuse = (): never => {
      throw new Error('no such place');
    };
    const sync = new PlayerRoutes({ handlers: [], route: refuse });
    expect(() => sync.targetOf(message('chat.say'), session(), servers)).toThrow('no such place');
    const late = new PlayerRoutes({ handlers: [], route: async () => refuse() });
    await expect(late.targetOf(message('chat.say'), session(), servers)).rejects.toThrow('no such place');
  });
});
