import { parseCookies } from './parse-cookies.js';

describe('the cookies of a client', () => {
  it.each([
    ['track=beta', { track: 'beta' }],
    ['a=b; track=YmV0YQ==;c=', { a: 'b', track: 'YmV0YQ==', c: '' }],
    ['track=id=7&group=b', { track: 'id=7&group=b' }],
    ['track', { track: undefined }],
  ])('%s', (header, cookies) => {
    expect(parseCookies(header)).toEqual(cookies);
  });

  it('are none without a header', () => {
    expect(parseCookies(undefined).track).toBeUndefined();
  });
});
