import { kubectl } from '../cluster.js';
import { gameImage } from '../images.js';
import { nothing, type Phase } from '../phase.js';
import { connector, names, rolledOut } from '../stage.js';

export const replaceConnectors: Phase = {
  line: 3,
  title: 'connector: every pod deleted in turn, then the image changes',
  mustBeZero: nothing,
  async run() {
    for (const pod of await names('serverType=connector,version=1.0.0000')) {
      await kubectl('delete', 'pod', pod, '--wait=true');
      await rolledOut(connector);
    }
    await kubectl('set', 'image', connector, `connectorapp=${gameImage('1.0.0000-b')}`);
    await rolledOut(connector);
  },
};
