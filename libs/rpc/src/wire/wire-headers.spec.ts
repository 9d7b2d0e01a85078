import type { Msg } from '@nats-io/nats-core';
import { rpcContext } from '../context.js';
import type { Headers } from './header-block.js';
import { readRequestHead, requestHeaders, withTimeLeft } from './wire-headers.js';

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

describe('the headers of a call, as its server reads them', () => {
  const messageOf = (text: string): Msg =>
    ({ _rdata: Buffer.from(text), _msg: { hdr: Buffer.byteLength(text) } }) as unknown as Msg;
  const context = {
    version: '1.0.0000',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00',
    attributes: { uid: 'p1', name: 'Zoë: of A' },
    requestId: '7',
  };
  const { version, traceparent } = context;
  const attributes = { ...context.attributes, request: '7' };
  const written = textOf(requestHeaders(context, 1_000, false));
  const read = {
    isCall: true,
    leftMs: 1_000,
    wantsWorking: true,
    binary: false,
    version,
    traceparent,
    attributes,
  };

  it.each([
    ['nothing else', written],
    ['lines of others, and such as are none', written.replace('\r\n', '\r\nOther: a: b\r\n: c\r\nd\r\n\r\n')],
    ['a status', written.replace('NATS/1.0', 'NATS/1.0 200 OK: x')],
  ])('are those that its caller wrote, with %s between them', (_, text) => {
    expect(readRequestHead(messageOf(text))).toEqual(read);
  });

  it.each([
    ['one of NATS’s own', written.replace('\r\n', '\r\nNats-Stream: A\r\n')],
    ['no time left', written.replace('Rpc-Left', 'Left')],
    ['nothing but the status', 'NATS/1.0 503\r\n\r\n'],
  ])('are of no call with %s', (_, text) => {
    expect(readRequestHead(messageOf(text)).isCall).toBe(false);
  });
});
