import { within } from './within.js';

const forever = (): Promise<never> => new Promise(() => undefined);
const never = (): never => {
  throw new Error('too late');
};

describe('within', () => {
  afterEach(() => jest.useRealTimers());

  it('gives what the work gives, at once or later, and leaves no timer', async () => {
    jest.useFakeTimers();
    expect(await within(60_000, () => 1, never)).toBe(1);
    expect(await within(60_000, async () => 2, never)).toBe(2);
    await expect(
      within(
        60_000,
        () => {
          throw new Error('at the call');
        },
        never,
      ),
    ).rejects.toThrow('at the call');
    expect(jest.getTimerCount()).toBe(0);
  });

  it('gives or throws what is said of late work', async () => {
    expect(await within(1, forever, () => 'late')).toBe('late');
    await expect(within(1, forever, never)).rejects.toThrow('too late');
    await expect(within(-1, forever, never)).rejects.toThrow('too late');
  });

  it('drops what becomes of late work', async () => {
    let fail: (error: Error) => void = () => undefined;
    const work = new Promise<never>((_, reject) => (fail = reject));
    expect(
      await within(
        1,
        () => work,
        () => 'late',
      ),
    ).toBe('late');
    fail(new Error('nobody hears it'));
    await expect(work).rejects.toThrow();
  });
});
