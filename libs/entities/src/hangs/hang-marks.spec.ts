import type { DirectReader, StoredMessage } from '@ccgame/jetstream';
import { type Hang, HangMarks } from './hang-marks.js';

const server = { serverType: 'play', version: '1.0.0001' };
const now = 1_800_000_000_000;

describe('the marks of hangs', () => {
  let stored: StoredMessage[];
  /** The next read has what is stored now, and ends when this does. */
  let held: Promise<void> | undefined;
  const reader: Pick<DirectReader, 'readAll'> = {
    readAll: (_stream, _subject, use) => {
      for (const message of stored) use(message);
      const end = held;
      held = undefined;
      return end ?? Promise.resolve();
    },
  };

  /** @param ageMs how long ago it was stored */
  function note(seq: number, mark: object, ageMs = 0): void {
    const note = { life: 'b1', what: 'tick', version: server.version, forSeconds: 3_600, ...mark };
    const subject = `entity.play.hung.maze.a.${seq}`;
    const text = (): string => JSON.stringify(note);
    stored.push({ seq, subject, data: [1], storedAt: now - ageMs, text } as unknown as StoredMessage);
  }

  async function readMarks(): Promise<HangMarks> {
    const marks = new HangMarks(reader, server, () => now);
    await marks.read();
    return marks;
  }

  beforeEach(() => (stored = []));

  it('count for one life, in the version that hung: the next release may not have that loop', async () => {
    note(1, {});
    note(2, { version: '1.0.0000' });
    note(3, { life: 'b0' });
    note(4, { what: 'upgrade' });
    const marks = await readMarks();
    const seqs = (...args: Parameters<HangMarks['hangsOf']>): number[] =>
      marks.hangsOf(...args).map(({ mark }) => Number(mark.split('.').at(-1)));
    expect(seqs('maze.a', 'b1')).toEqual([1]);
    expect(seqs('maze.a', 'b0')).toEqual([3]);
    expect(seqs('maze.a', 'b1', 'upgrade')).toEqual([4]);
    expect(seqs('maze.b', 'b1')).toEqual([]);
  });

  it('count for as long as they say since they were stored, and are known when they are read again', async () => {
    note(1, {}, 3_600_001);
    note(2, {}, 3_000_000);
    note(3, { forSeconds: 30 }, 30_001);
    note(4, { forSeconds: 30, life: 'b2' }, 10_000);
    const marks = await readMarks();
    const [hang, ...others] = marks.hangsOf('maze.a', 'b1');
    expect(others).toEqual([]);
    expect(leftMs(hang)).toBeGreaterThan(500_000);
    expect(leftMs(hang)).toBeLessThanOrEqual(600_000);
    expect(leftMs(marks.hangsOf('maze.a', 'b2')[0])).toBeLessThanOrEqual(20_000);
    hang.isTold = true;
    await marks.read();
    expect(marks.hangsOf('maze.a', 'b1')).toEqual([
      expect.objectContaining({ mark: hang.mark, isTold: true }),
    ]);
  });

  it('are those of the read that began last, where two partitions read at once and the older one ends after it', async () => {
    const marks = await readMarks();
    let release = (): void => undefined;
    held = new Promise((resolve) => (release = resolve));
    const slow = marks.read();
    note(1, {});
    await marks.read();
    const [hang] = marks.hangsOf('maze.a', 'b1');
    expect(hang.isTold).toBe(false);
    release();
    await slow;
    expect(marks.hangsOf('maze.a', 'b1')).toEqual([hang]);
  });

  it('are told once, also where that was while they were read again', async () => {
    note(1, {});
    const marks = await readMarks();
    let release = (): void => undefined;
    held = new Promise((resolve) => (release = resolve));
    const reading = marks.read();
    marks.hangsOf('maze.a', 'b1')[0].isTold = true;
    release();
    await reading;
    expect(marks.hangsOf('maze.a', 'b1')).toEqual([expect.objectContaining({ isTold: true })]);
  });

  it('count for longer once the server has ended itself: it is the same hang', async () => {
    note(1, { forSeconds: 30 });
    const marks = await readMarks();
    stored = [];
    note(1, {});
    await marks.read();
    const [hang, ...others] = marks.hangsOf('maze.a', 'b1');
    expect(others).toEqual([]);
    expect(leftMs(hang)).toBeGreaterThan(3_500_000);
  });
});

const leftMs = ({ until }: Hang): number => until - performance.now();
