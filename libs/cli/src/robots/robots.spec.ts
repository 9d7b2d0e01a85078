import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runRobots } from './command.js';
import { RobotNotes } from './robot-notes.js';

describe('robots', () => {
  it('tell what they counted and measured, a line a name', () => {
    const notes = new RobotNotes();
    for (let ms = 1; ms <= 200; ms += 1) notes.measureMs('between two states', ms);
    notes.countOne('inputs answered');
    notes.countOne('inputs answered');
    expect(notes.toString().split('\n')).toEqual([
      'inputs answered     2',
      'between two states  p50 100, p99 198, longest 200 ms (200)',
    ]);
    expect([notes.count('inputs answered'), notes.count('inputs lost')]).toEqual([2, 0]);
    expect(notes.summarize()).toEqual({
      counts: { 'inputs answered': 2 },
      measuredMs: { 'between two states': { p50: 100, p99: 198, longest: 200, count: 200 } },
    });
    expect(notes.longestMs('between two states')).toBe(200);
  });

  it('are refused in a sentence where the game has none, or nothing runs here', async () => {
    const root = mkdtempSync(join(tmpdir(), 'ccgame-robots-'));
    const options = { game: 'game', players: 1, seconds: 1 };
    try {
      await expect(runRobots(root, options)).rejects.toThrow(
        'game has no src/robot.ts, or it is not built yet.',
      );
      const file = join(root, 'dist/game/src/robot.js');
      mkdirSync(join(file, '..'), { recursive: true });
      writeFileSync(file, 'exports.playAsRobot = async () => {};');
      await expect(runRobots(root, options)).rejects.toThrow('Nothing was started here by "npm start"');
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});
