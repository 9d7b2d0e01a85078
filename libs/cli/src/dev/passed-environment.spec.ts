import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { passedEnvironment } from './passed-environment.js';

describe('the environment that servers on this machine get', () => {
  let root: string;

  beforeAll(() => (root = mkdtempSync(join(tmpdir(), 'ccgame-env-'))));
  afterAll(() => rmSync(root, { recursive: true }));

  it('has all of .env, as editors of any system write it', () => {
    writeFileSync(join(root, '.env'), '\ufeffFIRST_OF_FILE=1\r\nSECOND_OF_FILE="a # b"\r\n');
    expect(passedEnvironment(root)).toMatchObject({ FIRST_OF_FILE: '1', SECOND_OF_FILE: 'a # b' });
  });
});
