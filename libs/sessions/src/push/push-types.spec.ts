import type { PushService } from './push.service.js';

type GamePushes = { 'trade.offer': { item: string } };

/** It is never called: the compiler reads it (`npm run types`). */
export async function sendWrongly(push: PushService<GamePushes>, untyped: PushService): Promise<void> {
  await push.toPlayer('anna', 'trade.offer', { item: 'sword' });
  // @ts-expect-error there is no such route
  await push.toPlayer('anna', 'trade.offr', { item: 'sword' });
  // @ts-expect-error the data is another route's
  await push.toPlayers(['anna'], 'trade.offer', { itm: 'sword' });
  // @ts-expect-error the data is missing
  await push.toAll('trade.offer');
  await untyped.toGroup('guild-7', 'whatever.route', 7);
}

it('takes the routes of a game with their data alone', () => {
  expect(sendWrongly).toHaveLength(2);
});
