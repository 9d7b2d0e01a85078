import { summary } from './summary.js';

describe('the summary of a started backend', () => {
  const running = { url: 'u', nats: 'n', servers: [], versions: ['1.0.0000'], hasPages: false };
  const deploy = (...scripts: string[]): string | undefined =>
    /^ *npx ccgame release deploy.*$/m.exec(summary({ ...running, scripts }))?.[0].trim();

  it('offers the other code that a script of the game prints', () => {
    expect(deploy('start', 'dice:next')).toBe(
      'npx ccgame release deploy 1.0.0001 --from "$(npm run -s dice:next)"',
    );
    expect(deploy('start')).toBe('npx ccgame release deploy 1.0.0001');
  });
});
