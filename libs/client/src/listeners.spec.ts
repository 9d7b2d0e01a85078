import { Listeners } from './listeners.js';

describe('the listeners of an event', () => {
  it('are those that were there when it came: one that another adds hears the next, one that it removes hears nothing', () => {
    const listeners = new Listeners();
    const heard: string[] = [];
    const stopLast: { call?: () => void } = {};
    listeners.on('n', (value: number) => {
      heard.push(`first ${value}`);
      if (value === 1) listeners.on('n', (later: number) => heard.push(`added ${later}`));
      stopLast.call?.();
    });
    stopLast.call = listeners.on('n', (value: number) => heard.push(`last ${value}`));
    listeners.emit('n', 1);
    listeners.emit('n', 2);
    expect(heard).toEqual(['first 1', 'first 2', 'added 2']);
  });
});
