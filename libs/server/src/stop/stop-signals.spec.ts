import { StopSignals } from './stop-signals.js';

describe('signals to stop', () => {
  it('stop once, as npm sends each ^C twice within 80 ms', () => {
    const signals = new StopSignals();
    expect(signals.receive(5_000)).toBe('stop');
    expect(signals.receive(5_080)).toBe('repeated');
  });

  it('force the end when one comes clearly later, or a third', () => {
    const later = new StopSignals();
    later.receive(5_000);
    expect(later.receive(6_100)).toBe('force');
    const often = new StopSignals();
    often.receive(0);
    often.receive(10);
    expect(often.receive(20)).toBe('force');
  });
});
