import { factsOf } from './version-pinning.js';

it('keeps a client’s region only where it is a name', () => {
  const regionOf = (region: unknown) => factsOf({ query: { region } } as never, 'ann').region;
  expect([regionOf('eu-west'), regionOf('x'.repeat(65)), regionOf(['eu'])]).toEqual([
    'eu-west',
    undefined,
    undefined,
  ]);
});
