import { StoredMessage } from '@ccgame/jetstream';
import { readEnd, readPeriods, readScore } from './read-records.js';

const messageOf = (text: string): StoredMessage => {
  const head = `NATS/1.0\r\nNats-Sequence: 1\r\nNats-Subject: leaderboards.x.${text.length}\r\n\r\n`;
  return new StoredMessage(head, Buffer.from(text));
};
const day = '20261128T000000Z';

it.each(['no JSON', 'null', '7', '"x"', '{}', '[]', '["5",1,1]', '[1.5,1,1]', '[1,null,1]', '{"length":3}'])(
  'a score of %s is none',
  (text) => {
    expect(readScore(messageOf(text))).toBeUndefined();
    expect(readScore(messageOf('[5,1,1]'))).toEqual([5, 1, 1]);
  },
);

it.each([
  'no JSON',
  'null',
  '{}',
  '{"period":7}',
  '{"period":"yesterday"}',
  `{"period":"${day}","before":7}`,
])('a cursor of %s tells of no period', (text) => {
  expect(readPeriods(messageOf(text))).toBeUndefined();
  expect(readPeriods(messageOf(`{"period":"${day}"}`))).toEqual({ period: day });
});

it.each(['no JSON', 'null', '{"endsAt":"tomorrow"}', '{"endsAt":null}'])(
  'a period of %s has no end',
  (text) => {
    expect(readEnd(messageOf(text))).toBeUndefined();
    expect(readEnd(messageOf('{"endsAt":7}'))).toBe(7);
  },
);
