import { rpcContext } from '../context.js';
import type { Headers } from './header-block.js';
import { requestHeaders, withTimeLeft } from './wire-headers.js';

const textOf = (headers: Headers): string => Buffer.from(headers.encode()).toString();

describe('the headers of a call that is sent once more', () => {
  const context = {
    ...rpcContext.get(),
    version: '1.0.0000',
    attributes: { say: 'Rpc-Left: 7', name: 'Zoë' },
  };

  it.each([
    ['a bare one', () => rpcContext.get(), false],
    ['one with attributes', () => context, false],
    ['a broadcast', () => context, true],
  ])('say what time is left by now, and are the same otherwise: %s', (_, contextOf, named) => {
    const before = requestHeaders(contextOf(), 1_000, false, named);
    const after = withTimeLeft(before, 250);
    expect(textOf(after)).toBe(textOf(requestHeaders(contextOf(), 250, false, named)));
    expect(after.length).toBe(Buffer.byteLength(textOf(after)));
  });
});
