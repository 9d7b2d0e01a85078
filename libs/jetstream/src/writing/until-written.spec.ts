import { untilWritten } from './until-written.js';

describe('a compare-and-set', () => {
  const refusedTimes = (times: number) => {
    let left = times;
    return jest.fn(async (): Promise<string | undefined | false> => (left-- > 0 ? false : undefined));
  };

  it('is tried until nobody else comes in between, and gives what was written', async () => {
    const write = refusedTimes(3);
    await expect(untilWritten(write)).resolves.toBeUndefined();
    expect(write).toHaveBeenCalledTimes(4);
  });

  it('that is refused for ever ends with an error that may be tried again', async () => {
    const write = refusedTimes(Infinity);
    await expect(untilWritten(write)).rejects.toMatchObject({ code: 'BUSY', retryable: true });
    expect(write).toHaveBeenCalledTimes(8);
  });

  it('is not tried again after another error', async () => {
    const write = jest.fn(() => Promise.reject(new TypeError('x')));
    await expect(untilWritten(write)).rejects.toThrow(TypeError);
    expect(write).toHaveBeenCalledTimes(1);
  });
});
