import { loadConfig } from './load.js';

describe('the configuration', () => {
  it('refuses keys of an issuer at an address with a password, as no server can fetch them there', () => {
    const keys = { TOKEN_ISSUER: 'i', TOKEN_AUDIENCE: 'a' };
    for (const TOKEN_JWKS_URL of ['https://user:pass@i.example.com/jwks', 'https://user@i.example.com/jwks'])
      expect(() => loadConfig({ ...keys, TOKEN_JWKS_URL }, 'http')).toThrow('without user and password');
    loadConfig({ ...keys, TOKEN_JWKS_URL: 'https://i.example.com/jwks' }, 'http');
  });

  it.each([
    'PUBLIC_HTTP_URL',
    'PUBLIC_WS_URL',
    'TOKEN_JWKS_URL',
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    'AGONES_ALLOCATOR_URL',
    'CORS_ORIGINS',
    'WS_ORIGINS',
  ])('shows the value of a wrong %s without its password', (name) => {
    for (const wrong of ['ftp://hush:hush-hush@x', 'http://hush:h/u#sh@x/path'])
      expect(() => loadConfig({ [name]: wrong }, 'http')).toThrow('://[hidden]@x');
  });

  it('shows the beginning of a wrong value alone, as it may be a whole file', () => {
    expect(() => loadConfig({ TOKEN_PUBLIC_KEYS: '['.repeat(50_000) }, 'http')).toThrow(/\[{200}…"$/);
  });

  it.each(['CORS_ORIGINS', 'WS_ORIGINS'])('refuses a wildcard in %s, which would let in nobody', (name) => {
    const load = (origins: string) => () => loadConfig({ [name]: origins }, 'http');
    for (const wrong of ['https://*.example.com', 'https://a.example.com,https://*'])
      expect(load(wrong)).toThrow('expected origins');
    for (const right of ['*', 'https://a.example.com, http://b:3000']) expect(load(right)).not.toThrow();
  });
});
