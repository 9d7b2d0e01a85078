import type { SocketContracts } from '@ccgame/protocol';

/** A game's options for its HTTP door. */
export interface HttpOptions {
  /** How the API page introduces the game. */
  title: string;
  /** A sentence for the API page. */
  description?: string;
  /** The requests and pushes of the players' sockets: described beside the HTTP API, as AsyncAPI. */
  contracts?: () => Promise<SocketContracts>;
  /** Static files, served on a laptop alone; in production they belong to a CDN. */
  pages?: readonly StaticPage[];
  /** The page that a browser is led to from `/`, on a laptop alone; others are told that the server lives. */
  startPage?: string;
}

/** A folder of files that an HTTP server gives to browsers. */
export interface StaticPage {
  /** `play` is served under `/play/`. */
  name: string;
  /** Where its files are, from the working directory of the server. */
  folder: string;
}

/** Injection token of {@link HttpOptions}. */
export const HTTP_OPTIONS = Symbol('HTTP_OPTIONS');
