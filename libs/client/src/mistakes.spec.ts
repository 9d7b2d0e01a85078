import { isMistake } from './mistakes.js';

/** As engines and platforms say it: Chromium and Node, Safari and Bun, Firefox, Hermes, Deno. */
const ofCode = [
  'o.x is not a function',
  "o.x is not a function. (In 'o.x()', 'o.x' is undefined)",
  'o.x is not a function or its return value is not iterable',
  'undefined is not a function',
  "undefined is not an object (evaluating '(void 0).x')",
  "undefined is not a constructor (evaluating 'new {}.x')",
  '{} is not iterable',
  '5 is not an Object. (evaluating \'"a" in 5\')',
  "Cannot read properties of undefined (reading 'x')",
  "Cannot read property 'x' of undefined",
  "Cannot set properties of null (setting 'x')",
  'can\'t access property "x", data is undefined',
  'data is null',
  "Cannot destructure property 'a' of 'null' as it is null.",
  'Cannot convert undefined or null to object',
  'Cannot add property 0, object is not extensible',
  "Cannot use 'in' operator to search for 'a' in 5",
  "Class constructor A cannot be invoked without 'new'",
  'Cannot call a class constructor A without |new|',
  'Assignment to constant variable.',
  'Attempted to assign to readonly property.',
  'Failed to parse URL from /v1/config',
  "Failed to execute 'fetch' on 'Window': Failed to parse URL from http://",
  "Failed to construct 'Request': member signal is not of type AbortSignal.",
  'Window.fetch: At least 1 argument required, but only 0 passed',
  "Argument 1 ('x') to WebSocket must be an instance of Y",
  'Not enough arguments',
  'Invalid URL',
  "Invalid URL: '/x'",
  'Invalid header name: "a b"',
  "Header 'ab' has invalid value",
  'Headers.append: "a b" is an invalid header name.',
  'Headers.append: "Bearer a\nb" is an invalid header value.',
  'Request cannot be constructed from a URL that includes credentials: http://user:pass@play.example.com/v1/config',
  'Window.fetch: http://user:pass@play.example.com/v1/config is an url with embedded credentials.',
  'URL is not valid or contains user credentials.',
];

/** Each has a word of those above in it. */
const ofNetwork = [
  'Failed to fetch',
  'Load failed',
  'NetworkError when attempting to fetch resource.',
  'Network request failed',
  'fetch failed',
  'terminated',
  '网络连接已中断。',
  'The certificate for this server is invalid. You might be connecting to a server that is pretending to be “expected.example”.',
  'A server with the specified hostname could not be found: expected.example',
  'getaddrinfo ENOTFOUND undefined.example',
  'ECONNRESET: The socket connection was closed unexpectedly. For more information, pass `verbose: true` in the second argument to fetch()',
  'ECONNREFUSED: Unable to connect. Is the computer able to access the url?',
  'error reading a body from connection',
  'error sending request for url (https://play.example.com/v1/config): client error (SendRequest): connection error: peer closed connection without sending TLS close_notify: https://docs.rs/rustls/latest/rustls/manual/_03_howto/index.html#unexpected-eof',
  'error sending request for url (https://expected.example/v1/config): connection error: unexpected end of file',
  'error sending request for url (https://play.example.com/v1/config): client error (Connect): invalid peer certificate: certificate not valid for name "argument.example"',
];

describe('a TypeError', () => {
  it.each(ofCode)('is a mistake in code: %s', (text) => {
    expect(isMistake(new TypeError(text))).toBe(true);
  });

  it.each(ofNetwork)('is the network’s: %s', (text) => {
    expect(isMistake(new TypeError(text))).toBe(false);
  });

  it('is a mistake by its code, where it has one of code', () => {
    const coded = (code: string) => Object.assign(new TypeError('the `timeoutMs` was not liked'), { code });
    expect(isMistake(coded('ERR_INVALID_ARG_TYPE'))).toBe(true);
    expect(isMistake(coded('ECONNREFUSED'))).toBe(false);
  });

  it('of the engine that runs the test is known', () => {
    const fail = () => (undefined as never as { x: () => void }).x();
    let caught: unknown;
    try {
      fail();
    } catch (error) {
      caught = error;
    }
    expect(isMistake(caught)).toBe(true);
  });
});
