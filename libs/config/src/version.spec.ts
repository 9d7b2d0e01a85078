import {
  compareVersions,
  isVersion,
  isVersionLabel,
  nameClash,
  namedVersion,
  parseVersion,
  takeVersionFromPath,
  versionLabelPattern,
  versionName,
} from './version.js';

describe('versions', () => {
  it.each(['1.0.0000', '12.34.5678', '0.0.0001'])('%s is one', (text) => {
    expect(isVersion(text)).toBe(true);
  });

  it.each([
    '1.0.0',
    '1.0.00000',
    'v1.0.0000',
    '1.0',
    '',
    'latest',
    '1.0.0000 ',
    '01.x.0000',
    '01.0.0000',
    '1.00.0000',
    undefined,
    7,
  ])('%p is none', (text) => {
    expect(isVersion(text)).toBe(false);
  });

  it.each(['1.0.0000', 'latest', '01.0.0000', '1.0.0', 'latest.1', 'x latest', '1.0.0000\n', ''])(
    'are the labels of servers, besides "latest": %p, by function and by pattern',
    (text) => {
      expect(isVersionLabel(text)).toBe(text === '1.0.0000' || text === 'latest');
      expect(versionLabelPattern.test(text)).toBe(isVersionLabel(text));
    },
  );

  it('are not named by an empty text', () => {
    expect(['', ' ', undefined, null, '1.0.0000', 7].map(namedVersion)).toEqual([
      undefined,
      undefined,
      undefined,
      null,
      '1.0.0000',
      7,
    ]);
  });

  it.each([
    ['/v1/config?a=1', '/v1/config?a=1', undefined],
    ['/v/1.0.0001/v1/config', '/v1/config', '1.0.0001'],
    ['http://game.example.com/v1/config', '/v1/config', undefined],
    ['HTTPS://game.example.com:8443/v/1.0.0001/socket.io/?EIO=4', '/socket.io/?EIO=4', '1.0.0001'],
    ['http://game.example.com', '/', undefined],
    ['http://game.example.com?a=/b', '/?a=/b', undefined],
    ['//game.example.com/x', '//game.example.com/x', undefined],
  ])('are taken from the path of a request: %s', (url, path, version) => {
    const request = { url, headers: {} as Record<string, string> };
    expect(takeVersionFromPath(request)).toBe(path);
    expect(request.headers.version).toBe(version);
  });

  it('are taken apart in three numbers', () => {
    expect(parseVersion('1.20.0301')).toEqual([1, 20, 301]);
    expect(parseVersion('latest')).toBeUndefined();
  });

  it('are ordered by number, not by letter', () => {
    const sorted = ['1.10.0000', '1.9.0001', 'latest', '1.9.0000', '2.0.0000'].sort(compareVersions);
    expect(sorted).toEqual(['latest', '1.9.0000', '1.9.0001', '1.10.0000', '2.0.0000']);
  });

  it('have a name without dots for resources', () => {
    expect(versionName('1.0.0000')).toBe('v100000');
    expect(versionName('latest')).toBe('latest');
  });

  it('are refused together when they give one name', () => {
    expect(nameClash(['1.10.0000', '1.0.0000', '11.0.0000'])).toEqual(['1.10.0000', '11.0.0000']);
    expect(nameClash(['1.0.0000', '1.0.0001', '1.0.0000'])).toBeUndefined();
  });
});
