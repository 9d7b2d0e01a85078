import { CallWindow } from './call-window.js';

describe('the calls of a server to one entity', () => {
  it('wait for their turn as long as they may, and are not sent then', async () => {
    const window = new CallWindow(1, () => undefined);
    const first = await window.begin(1_000);
    const [second, third] = [window.begin(20), window.begin(10_000)];
    await expect(second).rejects.toMatchObject({ code: 'BUSY', retryable: true });
    window.end(first);
    expect(await third).toBe(first + 1);
  });

  it('are all known until each has its answer, also where many answers come at once', async () => {
    let timesIdle = 0;
    const window = new CallWindow(2, () => (timesIdle += 1));
    const [first, second] = [await window.begin(1_000), await window.begin(1_000)];
    const waiting = [window.begin(1_000), window.begin(1_000)];
    window.end(first);
    window.end(second);
    expect(timesIdle).toBe(0);
    expect(window.acked).toBe(second);
    const [third, fourth] = await Promise.all(waiting);
    window.end(fourth);
    expect(window.acked).toBe(third - 1);
    window.end(third);
    expect(timesIdle).toBe(1);
  });
});
