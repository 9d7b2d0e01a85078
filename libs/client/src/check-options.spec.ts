import { checkOptions } from './check-options.js';

describe('the option url', () => {
  it.each([
    'https://play.example.com',
    'https://play.example.com/',
    'wss://play.example.com:8443',
    'http://[::1]:3000',
  ])('may be %s', (url) => {
    expect(() => checkOptions({ url, token: 't' })).not.toThrow();
  });

  // socket.io would take a path for a namespace, and the http servers know none; fetch refuses a user.
  it.each([
    'https://play.example.com/eu',
    'https://play.example.com/?a=1',
    'https://play.example.com#a',
    'https://user:pass@play.example.com',
    'https://user@play.example.com',
    'https://play.example.com:99999',
    'https://:8080',
    'https://[::1',
    '/',
    7,
  ])('is a mistake at the call: %s', (url) => {
    for (const version of [undefined, '1.0.0000'])
      expect(() => checkOptions({ url: url as string, token: 't', version })).toThrow(/url.*without a path/);
  });
});

it.each(['region', 'version', 'token'])(
  'half a character in the option %s is a mistake at the call',
  (name) => {
    const options = { url: 'https://play.example.com', token: 't' };
    expect(() => checkOptions({ ...options, [name]: 'eu-\ud83d' })).toThrow(`option ${name}`);
    expect(() => checkOptions({ ...options, [name]: 'eu-\ud83c\udfae' })).not.toThrow();
  },
);
