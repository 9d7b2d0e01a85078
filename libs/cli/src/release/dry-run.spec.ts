import { parseAllDocuments } from 'yaml';
import { printManifests } from './deploy.js';

function dryRun(json: boolean): string {
  const print = jest.spyOn(console, 'log').mockImplementation();
  try {
    printManifests('k8s/release', '1.0.0001', { only: ['http'], json });
    return print.mock.calls.join('\n');
  } finally {
    print.mockRestore();
  }
}

describe('ccgame release deploy --dry-run', () => {
  it('prints YAML, and with --json the same as one list', () => {
    const list = JSON.parse(dryRun(true)) as { kind: string; items: object[] };
    expect(list.kind).toBe('List');
    expect(JSON.stringify(list.items)).toContain('"http-prod-v100001"');
    expect(parseAllDocuments(dryRun(false)).map((document) => document.toJS() as object)).toEqual(list.items);
  });
});
