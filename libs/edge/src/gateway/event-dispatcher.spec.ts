import { hostileErrors, untilHolds } from '@ccgame/testing';
import { Subject, throwError } from 'rxjs';
import { EventDispatcher } from './event-dispatcher.js';
import type { PlayerSession } from './player-session.js';
import { SessionEnding } from './session-ending.js';

interface Hooks {
  readsMessages: boolean;
  checkMessage(): Promise<void>;
}

const circle: { self?: unknown } = {};
circle.self = circle;

const noHooks: Hooks = { readsMessages: false, checkMessage: () => Promise.resolve() };

function dispatcherWith(hooks: Hooks, abusers: object = { recordOffence: () => undefined }): EventDispatcher {
  const routes = { isChat: () => false };
  return new EventDispatcher(hooks as never, abusers as never, routes as never, {} as never);
}

function sessionWith(callback: (data: unknown) => unknown): PlayerSession {
  const ending = new SessionEnding({ connected: false } as never);
  return {
    playerId: 'ann',
    context: { version: '1.0.0000', attributes: {} },
    limits: { spendMessage: () => 0, spendRoute: () => 0 },
    handlers: [{ message: 'watch', methodName: 'watch', isAckHandledManually: false, callback }],
    routes: { labelOf: () => 'other' },
    inFlight: 0,
    ending,
    emit: () => undefined,
    acknowledge: (write: () => void) => write(),
    get isOver() {
      return ending.isOver;
    },
  } as unknown as PlayerSession;
}

describe('the dispatcher of events', () => {
  it('ends a handler’s stream with the socket', async () => {
    const stream = new Subject();
    const session = sessionWith(() => stream);
    dispatcherWith(noHooks).receiveEvent(session, 'watch', [{}]);
    await untilHolds(() => stream.observed);
    expect(session.inFlight).toBe(1);
    session.ending.begin();
    session.ending.tellGone('transport close');
    expect(stream.observed).toBe(false);
    await untilHolds(() => session.inFlight === 0);
  });

  it('begins no stream that comes after the socket has gone', async () => {
    const stream = new Subject();
    let answer: (value: unknown) => void = () => undefined;
    const session = sessionWith(() => new Promise((resolve) => (answer = resolve)));
    dispatcherWith(noHooks).receiveEvent(session, 'watch', [{}]);
    session.ending.tellGone('transport close');
    answer(stream);
    await untilHolds(() => session.inFlight === 0);
    expect(stream.observed).toBe(false);
  });

  it('counts a message that waits for a hook as in flight, and drops it where the session is over by then', async () => {
    const handled: string[] = [];
    let pass: () => void = () => undefined;
    const hooks = {
      readsMessages: true,
      checkMessage: () => new Promise<void>((resolve) => (pass = resolve)),
    };
    const dispatcher = dispatcherWith(hooks);
    const session = sessionWith(() => void handled.push('watch'));
    dispatcher.receiveEvent(session, 'watch', [{}]);
    expect(session.inFlight).toBe(1);
    pass();
    await untilHolds(() => session.inFlight === 0);
    expect(handled).toEqual(['watch']);
    dispatcher.receiveEvent(session, 'watch', [{}]);
    session.ending.begin({ code: 'BANNED', mayReturn: false });
    pass();
    await untilHolds(() => session.inFlight === 0);
    expect(handled).toEqual(['watch']);
  });

  it('takes whatever socket.io takes for the name of an event: a number, nothing, a callback in its place', () => {
    const handled: unknown[] = [];
    const session = sessionWith((data) => void handled.push(data));
    session.handlers = session.handlers.map((handler) => ({ ...handler, message: '5' }));
    const answers: unknown[] = [];
    const ack = (answer: unknown): void => void answers.push(answer);
    dispatcherWith(noHooks).receiveEvent(session, 5, ['one']);
    dispatcherWith(noHooks).receiveEvent(session, 6, ['two', ack]);
    dispatcherWith(noHooks).receiveEvent(session, 6, []);
    dispatcherWith(noHooks).receiveEvent(session, undefined, []);
    dispatcherWith(noHooks).receiveEvent(session, ack, []);
    expect(handled).toEqual(['one']);
    const unknown = (event: string): object => ({ error: { code: 'UNKNOWN_ROUTE', details: { event } } });
    expect(answers).toMatchObject([unknown('6'), unknown('')]);
  });

  it.each([
    ['an offence where it is over the limit of all', 'spendMessage', ['ann']],
    ['none where it is over its route’s alone, as it is paid for as one that passes', 'spendRoute', []],
  ] as const)('refuses a message, which is %s', (_, limit, offenders) => {
    const session = sessionWith(() => undefined);
    session.limits[limit] = () => 200;
    const offences: string[] = [];
    const answers: unknown[] = [];
    const abusers = { recordOffence: ({ playerId }: PlayerSession) => offences.push(playerId) };
    dispatcherWith(noHooks, abusers).receiveEvent(session, 'watch', [(one: unknown) => answers.push(one)]);
    expect(answers).toMatchObject([{ error: { code: 'RATE_LIMITED', retryAfterMs: 200 } }]);
    expect(offences).toEqual(offenders);
  });

  it('answers what is thrown on an event’s way to its player alone', () => {
    const session = sessionWith(() => undefined);
    session.limits.spendMessage = () => {
      throw new TypeError('a defect');
    };
    const answers: unknown[] = [];
    dispatcherWith(noHooks).receiveEvent(session, 'watch', [(answer: unknown) => answers.push(answer)]);
    dispatcherWith(noHooks).receiveEvent(session, 'watch', []);
    expect(answers).toMatchObject([{ error: { code: 'INTERNAL' } }]);
  });

  it.each<[string, unknown]>([
    ['a bigint', 1n],
    ['a Map', new Map([['a', 1]])],
    ['a Set within', { players: new Set(['ann']) }],
    ['a generator', (function* () {})()],
    ['an async generator', (async function* () {})()],
    ['an Error', new Error('x')],
    ['bytes within', { file: Buffer.from('x') }],
    ['a circle', circle],
    ['a function within', { name: 'ann', greet: () => 'hello' }],
    ['an event with a Map', { event: 'seen', data: new Map() }],
  ])('answers INTERNAL, once, where a gateway’s handler gives %s', async (_, value) => {
    const answers: unknown[] = [];
    const session = sessionWith(() => Promise.resolve(value));
    session.emit = (event, data) => void answers.push({ event, data });
    dispatcherWith(noHooks).receiveEvent(session, 'watch', [{}, (answer: unknown) => answers.push(answer)]);
    await untilHolds(() => answers.length > 0);
    expect(answers).toMatchObject([{ error: { code: 'INTERNAL' } }]);
  });

  it.each(hostileErrors)('answers once, and goes on, where a game’s code throws %s', async (_, make) => {
    const fail = (): never => {
      throw make();
    };
    const ways: [Hooks, () => unknown][] = [
      [noHooks, fail],
      [noHooks, () => Promise.resolve().then(fail)],
      [noHooks, () => throwError(make)],
      [{ readsMessages: true, checkMessage: fail }, () => undefined],
      [{ readsMessages: true, checkMessage: () => Promise.resolve().then(fail) }, () => undefined],
    ];
    for (const [hooks, handle] of ways) {
      const answers: unknown[] = [];
      const session = sessionWith(handle);
      dispatcherWith(hooks).receiveEvent(session, 'watch', [{}, (answer: unknown) => answers.push(answer)]);
      await untilHolds(() => answers.length > 0);
      await new Promise(setImmediate);
      expect(answers).toMatchObject([{ error: { code: 'INTERNAL' } }]);
      expect(session.inFlight).toBe(0);
    }
  });

  it('answers with what JSON shows as it is', async () => {
    const at = new Date(0);
    const answers: unknown[] = [];
    for (const value of [{ at, none: undefined, list: [1, null] }, 'text', 7, false, []]) {
      const session = sessionWith(() => Promise.resolve(value));
      dispatcherWith(noHooks).receiveEvent(session, 'watch', [{}, (answer: unknown) => answers.push(answer)]);
    }
    await untilHolds(() => answers.length === 5);
    expect(answers).toEqual([{ at, none: undefined, list: [1, null] }, 'text', 7, false, []]);
  });
});
