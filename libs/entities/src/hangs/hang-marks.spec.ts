import type { DirectReader, StoredMessage } from '@ccgame/jetstream';
import { HangMarks } from './hang-marks.js';

const hour = 3_600_000;
const mark = (name: string, storedAt: number): StoredMessage =>
  ({
    seq: storedAt,
    subject: `entity.play.hung.profile.anna.${name}`,
    data: new Uint8Array(1),
    storedAt,
    json: () => ({ life: 'x', what: 'earn' }),
  }) as unknown as StoredMessage;

describe('the marks of hangs that an owner has read', () => {
  it('count for an hour, or an entity that is loaded again by the same owner would be paused for ever', async () => {
    let now = 20;
    const reader: Pick<DirectReader, 'readEach'> = {
      readEach: (_stream, _request, take) => {
        for (const one of [mark('a', 10), mark('b', 20)]) take(one);
        return Promise.resolve(0);
      },
    };
    const marks = new HangMarks(reader, 'play', () => now);
    await marks.read();
    const count = (): number => marks.countOf('profile.anna', 'x');
    expect(count()).toBe(2);
    now = hour + 15;
    expect(count()).toBe(1);
    now = hour + 20;
    expect(count()).toBe(0);
  });
});
