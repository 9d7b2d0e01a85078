import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pagesIn } from './pages-in.js';

describe('the pages of a folder', () => {
  const root = mkdtempSync(join(tmpdir(), 'ccgame-pages-'));
  afterAll(() => rmSync(root, { recursive: true }));

  it('are its folders, and none where it is not there', () => {
    mkdirSync(join(root, 'chess'));
    writeFileSync(join(root, 'notes.txt'), '');
    expect(pagesIn(root)).toEqual([{ name: 'chess', folder: join(root, 'chess') }]);
    expect(pagesIn(join(root, 'nowhere'))).toEqual([]);
  });
});
