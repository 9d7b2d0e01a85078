/** Where a command acts. */
export interface PlaceOptions {
  channel?: string;
  /** Where the servers run: what `npm start` started, or the cluster of the current kubectl context. */
  target?: 'dev' | 'kubectl';
  /** The kustomization that versions and their routes are rendered from. */
  overlay: string;
  context?: string;
  namespace?: string;
  /** Changes in a cluster are not asked about. */
  yes: boolean;
  /** The result is one JSON value on stdout. */
  json?: boolean;
  /** Ids of servers whose answer is not waited for. */
  without?: string[];
}

/** The options that every command of `ccgame release` has. */
export interface GlobalOptions extends PlaceOptions {
  why: string;
  /** A folder that a tool applies from Git: what would be applied is written there. */
  write?: string;
  /** Brings what was written to where that tool reads it. */
  publish?: string;
}
