import { IsOptional, IsString } from 'class-validator';
import { serverHandler } from '@ccgame/rpc';

export class RememberedRelease {
  /** As it stood in the bucket, JSON; left out by a server that knows of none. */
  @IsOptional()
  @IsString()
  record?: string;
}

/** The release table that servers have in force, which they keep when NATS lost its own. No player reaches these. */
export const rememberedRelease = {
  ofConnector: serverHandler({
    serverType: 'connector',
    handler: 'remembered_release',
    result: RememberedRelease,
  }),
  ofHttp: serverHandler({ serverType: 'http', handler: 'remembered_release', result: RememberedRelease }),
};
