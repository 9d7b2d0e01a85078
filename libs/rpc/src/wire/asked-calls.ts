import type { Msg } from '@nats-io/nats-core';

/** A server has no more of one caller's calls for long, and a question and its answer stay far below any payload limit. */
const mostAsked = 10_000;
/** Base 36. */
const nameForm = /^[0-9a-z]{1,11}$/;

/** The calls that a caller asks a server about, by their tokens; a question about none is empty, as that of an older caller. */
export function askedCalls(tokens: readonly number[]): string {
  return tokens.slice(0, mostAsked).map(tokenText).join(',');
}

/** The calls that a question names and its server does not have: the answer to it, empty where it has all. */
export function lackedCalls(question: Msg, hasCall: (reply: string) => boolean): string {
  const { reply = '' } = question;
  const inbox = reply.slice(0, reply.lastIndexOf('.') + 1);
  return namesIn(question)
    .filter((name) => !hasCall(inbox + name))
    .join(',');
}

/** The tokens that an answer names. */
export function lackedTokens(answer: Msg): number[] {
  return namesIn(answer).map((name) => parseInt(name, 36));
}

/** As at the end of the subject that the answer to the call goes to. */
export const tokenText = (token: number): string => token.toString(36);

/** Anything else is left out: who may ask could have this server send more than NATS takes, and lose its connection. */
const namesIn = (message: Msg): string[] =>
  message
    .string()
    .split(',', mostAsked)
    .filter((name) => nameForm.test(name));
