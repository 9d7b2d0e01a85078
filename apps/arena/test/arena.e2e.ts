import { type GameNats, startGameNats, startServer } from '@ccgame/testing';

describe('the arena server', () => {
  let nats: GameNats;
  beforeAll(async () => {
    nats = await startGameNats();
  });
  afterAll(() => nats.destroy());

  it('starts, is ready, and stops when it is asked to', async () => {
    const where = { root: process.cwd(), nats, logFolder: nats.folder };
    const server = await startServer({ ...where, serverType: 'arena', version: '1.0.0000' });
    await server.process.untilReady();
    expect(await server.process.stop()).toBe('exit code 0');
  });
});
