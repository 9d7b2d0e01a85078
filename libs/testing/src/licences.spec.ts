import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

describe('npm run licences', () => {
  const audit = (folder: string) =>
    spawnSync(process.execPath, [resolve('.ci', 'licences.mjs'), folder], { encoding: 'utf8' });

  it('allows every production dependency of the repository', () => {
    const { status, stderr } = audit('.');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('refuses a production dependency whose licence is missing or not in the list, and no tool of development', () => {
    const folder = mkdtempSync(join(tmpdir(), 'licences-'));
    const packages = {
      'node_modules/free': { version: '1.0.0', license: 'MIT' },
      'node_modules/either': { version: '1.0.0', license: '(GPL-3.0-only OR MIT)' },
      'node_modules/tool': { version: '1.0.0', license: 'GPL-3.0-only', dev: true },
      'node_modules/both': { version: '1.0.0', license: 'MIT AND GPL-3.0-only' },
      'node_modules/copyleft': { version: '2.0.0', license: 'AGPL-3.0-only' },
      'node_modules/silent': { version: '3.0.0' },
    };
    writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ packages }));
    const { status, stderr } = audit(folder);
    expect(status).toBe(1);
    expect(stderr.trim().split('\n')).toEqual([
      'node_modules/both@1.0.0: MIT AND GPL-3.0-only',
      'node_modules/copyleft@2.0.0: AGPL-3.0-only',
      'node_modules/silent@3.0.0: no licence is given',
    ]);
    rmSync(folder, { recursive: true });
  });
});
