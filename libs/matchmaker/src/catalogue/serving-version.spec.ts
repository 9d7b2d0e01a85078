import {
  drainVersion,
  firstTable,
  promoteVersion,
  type ReleaseTable,
  retireVersion,
  setFallback,
} from '@ccgame/releases';
import { keepingVersion, servingVersion } from './serving-version.js';

const table = firstTable('production', '1.0.0000', ['1.0.0001']);

const grouped = (group: string): ReleaseTable => {
  const next = promoteVersion('1.0.0001')(table);
  return { ...next, versions: { ...next.versions, '1.0.0001': { state: 'live', group } } };
};

describe('the version whose servers match a ticket', () => {
  it('is its own while that lives, and where there is no table', () => {
    expect(servingVersion(table, '1.0.0001')).toBe('1.0.0001');
    expect(servingVersion(undefined, '1.0.0001')).toBe('1.0.0001');
    expect(servingVersion(table, '7.0.0000')).toBe('7.0.0000');
  });

  it('is the one that stands in for it', () => {
    const next = setFallback('matching', '1.0.0000', '1.0.0001')(table);
    expect(servingVersion(next, '1.0.0000')).toBe('1.0.0001');
  });

  it('is stable when its own drains or is retired', () => {
    const draining = drainVersion('1.0.0000')(promoteVersion('1.0.0001')(table));
    expect(servingVersion(draining, '1.0.0000')).toBe('1.0.0001');
    expect(servingVersion(retireVersion('1.0.0000')(draining), '1.0.0000')).toBe('1.0.0001');
  });

  it('is the one that stands in for stable, which was released without matching', () => {
    const two = promoteVersion('1.0.0001')(table);
    const three = { ...two, versions: { ...two.versions, '1.0.0002': two.versions['1.0.0001'] } };
    const withFallback = setFallback('matching', '1.0.0002', '1.0.0001')(three);
    const draining = drainVersion('1.0.0000')(promoteVersion('1.0.0002')(withFallback));
    expect(servingVersion(draining, '1.0.0000')).toBe('1.0.0001');
  });

  it('stays its own where stable is of another group', () => {
    const draining = drainVersion('1.0.0000')(grouped('other'));
    expect(servingVersion(draining, '1.0.0000')).toBe('1.0.0000');
  });
});

describe('the version whose servers look after what is left of one', () => {
  it('is the one that matches its tickets', () => {
    const draining = drainVersion('1.0.0000')(grouped('other'));
    expect(keepingVersion(draining, '1.0.0000')).toBe('1.0.0000');
    expect(keepingVersion(undefined, '1.0.0000')).toBe('1.0.0000');
    const same = retireVersion('1.0.0000')(drainVersion('1.0.0000')(promoteVersion('1.0.0001')(table)));
    expect(keepingVersion(same, '1.0.0000')).toBe('1.0.0001');
  });

  it('is stable where its own is retired, though stable is of another group and matches none of them', () => {
    const retired = retireVersion('1.0.0000')(drainVersion('1.0.0000')(grouped('other')));
    expect(servingVersion(retired, '1.0.0000')).toBe('1.0.0000');
    expect(keepingVersion(retired, '1.0.0000')).toBe('1.0.0001');
  });
});
