import { backUpStreams, type BackedUpStream } from '@ccgame/jetstream';
import { columns } from '../columns.js';
import type { OperatorOptions } from '../operate/operator-options.js';
import { show } from '../operate/show.js';
import { chooseTarget } from '../release/choose-target.js';
import { openNats } from '../release/connect-loaded.js';
import { withRights } from '../release/with-rights.js';

/** @throws Error when the folder is there already, or NATS breaks off */
export async function backUp(folder: string, options: OperatorOptions): Promise<void> {
  const { natsAddress } = await chooseTarget(options, 'reads');
  const nats = await openNats(natsAddress);
  try {
    showStreams(await withRights(nats, () => backUpStreams(nats, folder)), options.json);
  } finally {
    await nats.close();
  }
}

/** The same in a backup and after it was restored. */
export function showStreams(streams: BackedUpStream[], isJson: boolean): void {
  const rows = streams.map(({ name, messages, bytes }) => [name, String(messages), String(bytes)]);
  show({ json: { streams }, text: [columns([['stream', 'messages', 'bytes'], ...rows])] }, isJson);
}
