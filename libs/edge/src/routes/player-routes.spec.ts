import type { GatewayMessageDto } from '@ccgame/protocol';
import { clientHandler } from '@ccgame/rpc';
import type { SocketSession } from '../gateway/socket-session.js';
import { PlayerRoutes } from './player-routes.js';

const table = { kind: 'dice.table', keyOf: (id: string) => `key-${id}`, objectOf: (id: string) => id };
const steer = clientHandler({ serverType: 'dice', handler: 'steer', keyed: true, bound: table });
const session = (room?: string): SocketSession =>
  ({
    playerId: 'ann',
    boundTo: (of) => Promise.resolve(of.kind === table.kind ? room : undefined),
  }) as SocketSession;
const message = (route: string, data: object = {}): GatewayMessageDto => ({ route, data });

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
    expect(await routes.targetOf(message('chat.say'), session('r1'))).toMatchObject({ key: 'ann in r1' });
    expect(await routes.targetOf(message('chat.say'), session())).toMatchObject({ key: 'ann in undefined' });
  });

  it('leave the key of a message open that is for the player’s room', () => {
    const routes = new PlayerRoutes({ handlers: [steer] });
    expect(routes.targetOf(message('dice.steer'), session('r1'))).not.toHaveProperty('key');
    expect(routes.isKeyed('dice.steer')).toBe(true);
    expect(routes.boundOf('dice.steer')).toBe(table);
    expect(routes.boundOf('chat.say')).toBeUndefined();
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

  it('take a game’s refusal, whenever it comes', async () => {
    const refuse = (): never => {
      throw new Error('no such place');
    };
    const sync = new PlayerRoutes({ handlers: [], route: refuse });
    expect(() => sync.targetOf(message('chat.say'), session())).toThrow('no such place');
    const late = new PlayerRoutes({ handlers: [], route: async () => refuse() });
    await expect(late.targetOf(message('chat.say'), session())).rejects.toThrow('no such place');
  });
});
