import type { Msg } from '@nats-io/nats-core';
import { askedCalls, lackedCalls, lackedTokens } from './asked-calls.js';

const messageOf = (text: string): Msg => ({ reply: '_INBOX.front.a1.rpc.7', string: () => text }) as Msg;

describe('the calls that a question names', () => {
  it('are found by where their answers go, and those that are lacking come back', () => {
    const asked = messageOf(askedCalls([35, 36, 1_296]));
    const answer = lackedCalls(asked, (reply) => reply === '_INBOX.front.a1.rpc.10');
    expect(lackedTokens(messageOf(answer))).toEqual([35, 1_296]);
  });

  it('are none in a question of an older caller, and in the answer of an older server', () => {
    expect(lackedCalls(messageOf(''), () => false)).toBe('');
    expect(lackedTokens(messageOf(''))).toEqual([]);
  });

  it('are never so many that NATS would not take the answer', () => {
    const nobody = (): boolean => false;
    expect(lackedCalls(messageOf('x'.repeat(1_000_000)), nobody)).toBe('');
    expect(lackedCalls(messageOf('a,'.repeat(500_000)), nobody).length).toBeLessThan(20_001);
    expect(askedCalls(Array.from({ length: 100_000 }, (_, token) => token)).length).toBeLessThan(120_001);
  });
});
