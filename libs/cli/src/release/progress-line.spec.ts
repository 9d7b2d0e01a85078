import { ProgressLine } from './progress-line.js';

it('progress in a log is a line for each change, and one a minute where nothing changes', () => {
  const told: string[] = [];
  jest.spyOn(console, 'log').mockImplementation((line: string) => void told.push(line));
  const clock = jest.spyOn(performance, 'now');
  const progress = new ProgressLine();
  const showAt = (seconds: number, line: string): void => {
    clock.mockReturnValue(seconds * 1_000);
    progress.show(line);
  };
  for (let second = 0; second < 10; second += 1) showAt(second, '2 players');
  showAt(10, '1 players');
  for (let second = 11; second < 130; second += 1) showAt(second, '1 players');
  progress.endLine();
  jest.restoreAllMocks();
  expect(told).toEqual(['2 players', '1 players', '1 players']);
});
