import { chooseTarget } from './choose-target.js';
import { connectLoaded } from './connect-loaded.js';
import type { GlobalOptions } from './global-options.js';
import { expectJson } from './print-note.js';
import type { ReleaseSession } from './session.js';
import { withRights } from './with-rights.js';

/**
 * Opens a session, runs the work, and closes whatever it opened.
 *
 * @param does `changes` is asked about before anything in a cluster is touched
 * @param load imports what the work needs
 */
export async function withSession<T, Loaded>(
  options: GlobalOptions,
  does: 'changes' | 'reads',
  load: () => Promise<Loaded>,
  work: (session: ReleaseSession, loaded: Loaded) => Promise<T>,
): Promise<T> {
  expectJson(options.json ?? false);
  const place = await chooseTarget(options, does);
  const { nats, loaded } = await connectLoaded(place, () =>
    Promise.all([import('./run-session.js'), load()]),
  );
  const [{ runSession }, ofWork] = loaded;
  try {
    return await withRights(nats, () =>
      runSession(nats, place, options, (session) => work(session, ofWork), does),
    );
  } finally {
    await nats.close();
  }
}
