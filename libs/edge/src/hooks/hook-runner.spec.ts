import { hostileErrors } from '@ccgame/testing';
import type { PlayerSession } from '../gateway/player-session.js';
import { SessionEnding } from '../gateway/session-ending.js';
import { HookRunner } from './hook-runner.js';
import type { SessionHooks } from './session-hooks.js';

describe('the hooks of a session', () => {
  let told: string[];
  let ending: SessionEnding;
  let session: PlayerSession;
  const gone = (): void => {
    ending.begin();
    ending.tellGone('transport close');
  };

  beforeEach(() => {
    told = [];
    ending = new SessionEnding({ connected: true } as never);
    session = { isResumed: false, ending } as unknown as PlayerSession;
  });

  async function runnerOf(...hooks: SessionHooks[]): Promise<HookRunner> {
    const types = hooks.map((hook) => Object.assign(class {}, { hook }));
    const modules = { get: ({ hook }: { hook: SessionHooks }) => hook };
    const runner = new HookRunner({ handlers: [], hooks: types }, modules as never);
    await runner.findHooks();
    return runner;
  }

  const hook = (name: string, onConnect: () => void | Promise<void> = () => undefined): SessionHooks => ({
    onConnect: async () => {
      told.push(`${name} in`);
      await onConnect();
    },
    onDisconnect: (_, reason) => void told.push(`${name} out: ${reason}`),
  });

  it('hear of its end, though the socket went while one of them was asked; the next one hears nothing', async () => {
    const runner = await runnerOf(hook('a'), hook('b', gone), hook('c'));
    await expect(runner.sessionOpens(session)).rejects.toMatchObject({ code: 'GONE' });
    expect(told).toEqual(['a in', 'b in', 'a out: transport close', 'b out: transport close']);
  });

  it('hear of its end where a later one refuses it', async () => {
    const refuse = (): never => {
      throw new Error('no');
    };
    const runner = await runnerOf(hook('a'), hook('b', refuse));
    await expect(runner.sessionOpens(session)).rejects.toThrow('no');
    gone();
    expect(told).toEqual(['a in', 'b in', 'a out: transport close']);
  });

  it.each(hostileErrors)('hear of its end, though one before throws %s at it', async (_, make) => {
    const fail = (): never => {
      throw make();
    };
    const runner = await runnerOf(
      { onDisconnect: fail },
      { onDisconnect: () => Promise.resolve().then(fail) },
      hook('c'),
    );
    jest.spyOn(runner['log'], 'error').mockReturnValue(undefined);
    await runner.sessionOpens(session);
    gone();
    await new Promise(setImmediate);
    expect(told).toEqual(['c in', 'c out: transport close']);
  });

  it('hear of its end once, and one that fails keeps it from none', async () => {
    const failing: SessionHooks = { onDisconnect: () => Promise.reject(new Error('no database')) };
    const runner = await runnerOf(failing, hook('b'));
    const logged = jest.spyOn(runner['log'], 'error').mockReturnValue(undefined);
    await runner.sessionOpens(session);
    gone();
    gone();
    await new Promise(setImmediate);
    expect(told).toEqual(['b in', 'b out: transport close']);
    expect(logged).toHaveBeenCalledTimes(1);
  });
});
