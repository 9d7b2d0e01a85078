import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { modes } from '../../../../game/src/modes.js';
import { UsageError } from './options.js';
import type { Report } from './report.js';
import { runSimulation } from './run-simulation.js';

describe('the simulation of a mode', () => {
  let folder: string;
  let told: string;
  let reports: Report[];

  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'simulation-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const run = (...args: string[]): Report => {
    told = '';
    runSimulation(modes, [...args, '--out', join(folder, 'plot.svg')], (text) => void (told += text));
    ({ simulation: reports } = JSON.parse(told.trimEnd().split('\n').at(-1) ?? '') as {
      simulation: Report[];
    });
    return reports[0];
  };

  it('says what became of everybody, and how long it took', () => {
    const report = run(
      '--mode',
      'ranked',
      '--players',
      '2000',
      '--arrivals',
      'poisson:20/s',
      '--skill',
      '1500,300',
    );
    expect(report.players).toBeGreaterThanOrEqual(2000);
    expect(report.players - report.matchedPlayers).toBeLessThan(200);
    expect(report.matches * 6).toBe(report.matchedPlayers);
    expect(report.wait.p50).toBeLessThan(report.wait.p99);
    expect(report.wait.most).toBeLessThanOrEqual(60_000);
    expect(report.gap.p50).toBeGreaterThan(0);
    expect(told).toMatch(/^wait +p50 \d+\.\d s, p90 .*$/m);
  });

  it('gives the same players to two modes, and draws both', () => {
    const ranked = modes.find(({ name }) => name === 'ranked');
    const tight = { ...ranked, name: 'tight', skill: { attribute: 'skill', start: 10, perSecond: 1 } };
    const path = file('tight.json', JSON.stringify(tight));
    run(
      '--mode',
      'ranked',
      '--compare',
      path,
      '--players',
      '2000',
      '--arrivals',
      'poisson:20/s',
      '--skill',
      '1500,300',
    );
    const [loose, narrow] = reports;
    expect(narrow.tickets).toBe(loose.tickets);
    expect(narrow.gap.p50).toBeLessThan(loose.gap.p50);
    expect(narrow.wait.p50).toBeGreaterThan(loose.wait.p50);
    const svg = readFileSync(join(folder, 'plot.svg'), 'utf8');
    expect(svg).toMatch(/^<svg [^]*<\/svg>\n$/);
    expect(svg).toContain('>tight</text>');
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('is the same for the same seed, and another for another', () => {
    const args = ['--mode', 'squads', '--players', '1000', '--arrivals', 'day:5/s', '--patience', '60'];
    const waits = (...more: string[]): unknown => {
      const { wait, gap, latency, left } = run(...args, ...more);
      return { wait, gap, latency, left };
    };
    expect(waits()).toEqual(waits());
    expect(waits()).not.toEqual(waits('--seed', '2'));
  });

  it('lets nobody wait past the longest wait where anybody is there', () => {
    const report = run(
      '--mode',
      'ranked',
      '--players',
      '3000',
      '--arrivals',
      'poisson:2/s',
      '--parties',
      '0',
    );
    // Five of a region may wait on.
    expect(report.wait.p99).toBeLessThanOrEqual(60_000);
    expect(report.waiting).toBeLessThan(3 * 60);
  });

  it('reads a recording of JSON lines and of CSV alike', () => {
    const rows = Array.from({ length: 12 }, (_, i) => ({
      atMs: 100 * i,
      skill: 1500 + 10 * (i % 4),
      region: 'eu',
    }));
    const lines = rows.map(({ atMs, ...attributes }) => JSON.stringify({ atMs, attributes }));
    const csv = ['atMs,skill,region', ...rows.map(({ atMs, skill, region }) => `${atMs},${skill},${region}`)];
    const fromLines = run('--mode', 'ranked', '--arrivals', file('a.jsonl', lines.join('\n')));
    const fromCsv = run('--mode', 'ranked', '--arrivals', file('a.csv', csv.join('\n')));
    expect(fromLines).toMatchObject({ tickets: 12, matches: 2, wait: { most: 500 }, gap: { most: 30 } });
    expect({ ...fromCsv, cost: 0 }).toEqual({ ...fromLines, cost: 0 });
  });

  it('counts the players whom the mode refuses, by reason', () => {
    const lines = ['{"atMs":0,"attributes":{"skill":-1}}', '{"atMs":1,"party":4}', '{"atMs":2}'];
    const { tickets, refused } = run('--mode', 'ranked', '--arrivals', file('a.jsonl', lines.join('\n')));
    expect(tickets).toBe(1);
    expect(refused).toEqual([
      [expect.stringMatching(/^skill: out-of-bounds/), 1],
      [expect.stringMatching(/^a party of 4/), 1],
    ]);
  });

  it.each<[string, string[], RegExp]>([
    ['no mode', [], /--mode is missing/],
    ['a mode that is not there', ['--mode', 'chess'], /one of duel/],
    ['an option that it has not', ['--mode', 'duel', '--speed', '2'], /--speed/],
    ['a stream that is none', ['--mode', 'duel', '--arrivals', 'often'], /no stream/],
    ['a file that is not there', ['--mode', 'duel', '--arrivals', '/nowhere.csv'], /can't be read/],
    ['a number that is none', ['--mode', 'duel', '--players', 'many'], /--players: many/],
  ])('refuses %s, and says what is wrong', (_what, args, message) => {
    expect(() => run(...args)).toThrow(message);
    expect(() => run(...args)).toThrow(UsageError);
  });

  it('names the line of a recording that is wrong', () => {
    const path = file('a.jsonl', '{"atMs":0}\n{"atMs":"soon"}');
    expect(() => run('--mode', 'duel', '--arrivals', path)).toThrow(/a.jsonl, line 2: atMs/);
  });
});
