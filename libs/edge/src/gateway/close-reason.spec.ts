import { closeReason } from './close-reason.js';

it('counts a game’s own reasons to close a session as one', () => {
  expect(['KICKED', 'cheater 4711', 'constructor'].map(closeReason)).toEqual(['KICKED', 'game', 'game']);
});
