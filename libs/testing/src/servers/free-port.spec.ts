import { freePort } from './free-port.js';

describe('a free port', () => {
  it('is given away once', async () => {
    const ports = await Promise.all(Array.from({ length: 200 }, () => freePort()));
    expect(new Set(ports).size).toBe(200);
  });

  it('is given to one of two that begin to look at the same place, as two processes may', async () => {
    const random = jest.spyOn(Math, 'random').mockReturnValue(0.5);
    const lookers = [0, 1].map(() => {
      let own = freePort;
      jest.isolateModules(() => ({ freePort: own } = jest.requireActual('./free-port.js')));
      return own;
    });
    random.mockRestore();
    const ports: number[] = [];
    for (let round = 0; round < 20; round += 1)
      ports.push(...(await Promise.all(lookers.map((look) => look()))));
    expect(new Set(ports).size).toBe(40);
  });
});
