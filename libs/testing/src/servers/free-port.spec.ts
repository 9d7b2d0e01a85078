import { freePort } from './free-port.js';

describe('a free port', () => {
  it('is given away once', async () => {
    const ports = await Promise.all(Array.from({ length: 200 }, () => freePort()));
    expect(new Set(ports).size).toBe(200);
  });
});
