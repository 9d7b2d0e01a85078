import { hostileNames } from '@ccgame/testing';
import { checkResult } from './check-result.js';

const good = { topic: 'duel', id: 'm1', scores: [{ playerId: 'anna', score: 1 }] };
const doors: Record<string, (value: never) => object> = {
  'the topic': (topic) => ({ ...good, topic }),
  'the id': (id) => ({ ...good, id }),
  'a player': (playerId) => ({ ...good, scores: [...good.scores, { playerId, score: 1 }] }),
  'a score': (score) => ({ ...good, scores: [{ playerId: 'anna', score }] }),
  'one of the scores': (one) => ({ ...good, scores: [...good.scores, one] }),
  'the scores': (scores) => ({ ...good, scores }),
};

it.each(Object.entries(doors))(
  '%s of a result is refused with INVALID, whatever stands there',
  (door, make) => {
    expect(() => checkResult(good)).not.toThrow();
    const wrong = hostileNames.filter(([, value]) => door !== 'a score' || value !== 7);
    for (const [, value] of wrong)
      expect(() => checkResult(make(value as never) as never)).toThrow(
        expect.objectContaining({ code: 'INVALID' }),
      );
  },
);
