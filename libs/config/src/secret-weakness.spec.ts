import { weaknessOf } from './secret-weakness.js';

describe('a secret', () => {
  it.each([
    ['a published example', 'correct horse battery staple'],
    ['a published example', 'keyboard cat keyboard cat keyboard'],
    ['a published example', 'example-maze-coil-blast-jacket-soap'],
    ['a placeholder', 'replace-this-with-a-long-random-string'],
    ['a placeholder', 'put-your-jwt-key-here-32-characters-min'],
    ['a placeholder', 'ChangeThisInProduction1234567890'],
    ['a placeholder', 'DO_NOT_USE_IN_PRODUCTION_0123456789'],
    ['a placeholder', 'dev-server-key-for-the-laptop-only'],
    ['a placeholder', 'to be defined by the operations team'],
    ['a placeholder', 'my-game-server-secret-key-for-production'],
    ['a placeholder', Buffer.from('super-secret-server-key-value').toString('base64url')],
    ['a placeholder', 'AKIAIOSFODNN7EXAMPLE-wJalrXUtnFEMI'],
    ['a placeholder', '${SERVER_KEY}-${SERVER_KEY_SUFFIX}'],
    ['a placeholder', '$(openssl rand -hex 32)'],
    ['a placeholder', '{{ .Values.serverKey | b64enc }}'],
    ['a placeholder', '<the key of our servers goes here>'],
    ['a placeholder', 'vault:kv/data/game#b7Qm2xVd90ZrLk4TnWc6'],
    ['too easy to guess', 'aaaa-bbbb-cccc-dddd-eeee-ffff-gggg-hhhh'],
  ])('is %s: %s', (weakness, text) => {
    expect(weaknessOf(text)).toBe(weakness);
  });

  it.each([
    'correct-horse-battery-staple-violin',
    'secret-office-feature-property-fever',
    'device test dice program neither wagon',
    'garlic.retire.sample.urge.fossil.stick.alone.plug',
    'RubberExampleMinorFoamModelTrumpet',
    'vélo-secret-montagne-jardin-écluse-pierre',
    'test tobacco theme victory rare add unlock awesome bunker palace hint carry',
  ])('is good as a passphrase, also where one of its words is in placeholders: %s', (text) => {
    expect(weaknessOf(text)).toBeUndefined();
  });

  it.each([
    'k9=xk39DKw0a20dkQmmZ1pqLL2.sdQ8fjdaaPq',
    '=9Zk%3xQ!mW0v}R7tLb2&nYcH5jKs8pDf',
    'q1==Xv7Lm0Rt5Zk9Bd3Hs8Wc2Yn6Pj4',
  ])('is good where it was made of random characters, whatever they would be as base64: %s', (text) => {
    expect(weaknessOf(text)).toBeUndefined();
  });
});
