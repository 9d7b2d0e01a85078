import { BenchView } from './bench-view.js';

it('a player of a bench goes on with the whole view where changes of it were left out', () => {
  const asked: string[] = [];
  const seen: object[] = [];
  const view = new BenchView<{ gems: number[] }>(
    () => asked.push('asked'),
    (state) => seen.push(state),
  );
  const place = { room: 'arena.arena.r', stream: 's' };
  const change = (n: number, gems: Record<string, number>) =>
    view.receivePush({ route: 'room.change', data: { ...place, n, change: { gems } } });
  view.receivePush({ route: 'room.state', data: { ...place, n: 4, state: { gems: [1] } } });
  change(5, { 1: 2 });
  // Without the change that made it a list of three.
  change(7, { 3: 4 });
  change(8, { 4: 5 });
  expect(asked).toEqual(['asked']);
  view.receivePush({ route: 'room.state', data: { ...place, n: 8, state: { gems: [1, 2, 3, 4, 5] } } });
  view.receivePush({ route: 'room.change', data: { ...place, n: 8 } });
  change(9, { length: 1 });
  expect(seen).toEqual([{ gems: [1] }, { gems: [1, 2] }, { gems: [1, 2, 3, 4, 5] }, { gems: [1] }]);
});
