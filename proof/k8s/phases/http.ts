import { kubectl } from '../cluster.js';
import { gameImage } from '../images.js';
import { nothing, type Phase } from '../phase.js';
import { http, rolledOut } from '../stage.js';

export const rollHttp: Phase = {
  line: 2,
  title: 'http: rolling update to a new image, and rollout undo',
  mustBeZero: nothing,
  async run() {
    await kubectl('set', 'image', http, `httpapp=${gameImage('1.0.0000-b')}`);
    await rolledOut(http);
    await kubectl('rollout', 'undo', http);
    await rolledOut(http);
  },
};
