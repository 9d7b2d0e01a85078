import { IsOptional, IsString } from 'class-validator';
import { type HandlerContract, serverHandler } from '@ccgame/rpc';

/** The newest table that a server has seen, for when the bucket is lost. */
export class RememberedRelease {
  /** As it stood in the bucket, JSON; left out by a server that knows of none. */
  @IsOptional()
  @IsString()
  record?: string;
}

/**
 * The release table that a server has in force, which it keeps when NATS lost its own. Servers of every type answer it
 * (`ReleasesModule`). No player reaches it.
 */
export function rememberedRelease(serverType: string): HandlerContract<void, RememberedRelease> {
  return serverHandler({ serverType, handler: 'remembered_release', result: RememberedRelease });
}
