import type { HandlerContract, HandlerScope } from './contract.js';

/** A handler by name, or by its contract, which also knows its type, scope and types. */
export type HandlerRef = string | HandlerContract;

/** One server by its id (a pod name), or every server of a type where a type stands: an id has a `-`, a type has none. */
export interface ServerIdTarget<H = HandlerRef> {
  serverId: string;
  handler: H;
  /** For handlers by name: which prefix. A contract knows its own. Default `server`. */
  scope?: HandlerScope;
}

interface AnyTypeTarget<H> {
  handler: H;
  /** Default: the version of the caller's context, else the process's own; with `all`, every version. */
  version?: string;
  /** The one server that owns this key. */
  key?: string;
  /** Every server of the type (and version) instead of one. */
  all?: boolean;
  scope?: HandlerScope;
}

/** Servers by type: any one, the owner of a key, or all. */
export type ServerTypeTarget<H = HandlerRef> = H extends string
  ? AnyTypeTarget<H> & { serverType: string }
  : AnyTypeTarget<H> & { serverType?: string };

/** The servers that are called, by labels. A caller never names a subject. */
export type Target<H = HandlerRef> = ServerIdTarget<H> | ServerTypeTarget<H>;
