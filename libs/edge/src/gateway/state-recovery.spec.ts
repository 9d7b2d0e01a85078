import type { Socket } from 'socket.io';
import { isRecoverable, recoveryId, resumeOfRecovery } from './state-recovery.js';

const pid = recoveryId({ session: 'abc_-1', position: 500 });

describe('the recovery of a plain client', () => {
  it('goes on from the offset, and without one from where the session began', () => {
    expect(resumeOfRecovery({ pid, offset: '700' })).toEqual({ session: 'abc_-1', position: 700 });
    expect(resumeOfRecovery({ pid })).toEqual({ session: 'abc_-1', position: 500 });
  });

  it('leaves out an offset from before a gap', () => {
    expect(resumeOfRecovery({ pid, offset: '300' })).toEqual({ session: 'abc_-1', position: 500 });
  });

  it.each<[string, Record<string, unknown>]>([
    ['no pid', { offset: '7' }],
    ['another server’s pid', { pid: 'Zm9vYmFy', offset: '7' }],
    ['a pid that is no text', { pid: { toString: 1 }, offset: '7' }],
    ['an offset of the game’s own', { pid, offset: 'hello' }],
    ['an offset that is too large', { pid, offset: '99999999999999999' }],
    ['a session that is no name', { pid: 'a b.7', offset: '7' }],
  ])('does not begin with %s', (_, auth) => {
    expect(resumeOfRecovery(auth)).toBeUndefined();
  });

  it.each<[string, object, object, boolean]>([
    ['socket.io’s client', {}, {}, true],
    ['the SDK', { protocol: 1 }, {}, false],
    ['python-socketio', {}, { t: '1764326.1' }, false],
    ['a client that asks for it', { recovery: true }, { t: '1' }, true],
    ['a client that wants none', { recovery: false }, {}, false],
  ])('is for %s: %j', (_, auth, query, isFor) => {
    expect(isRecoverable({ auth, query } as Socket['handshake'])).toBe(isFor);
  });
});
