import { IsInt, IsObject, IsOptional, IsString } from 'class-validator';
import { serverHandler } from '@ccgame/rpc';

/** A player's HTTP request as it came, for the version that is to answer it. */
export class ForwardedRequest {
  @IsString()
  method: string;

  /** Path and query. */
  @IsString()
  url: string;

  @IsObject()
  headers: Record<string, string | string[] | undefined>;

  /** base64; left out where there is none. */
  @IsOptional()
  @IsString()
  body?: string;

  /** The address of the connection that the request came by. */
  @IsString()
  remoteAddress: string;
}

/** The answer of a server of the right version, for the one that the client reached. */
export class ForwardedAnswer {
  @IsInt()
  status: number;

  @IsObject()
  headers: Record<string, string | string[] | undefined>;

  /** base64 */
  @IsString()
  body: string;
}

/** An http server has a request answered by one of the version that the release table gives its player. No player reaches it. */
export const answerForwarded = serverHandler({
  serverType: 'http',
  handler: 'answer_forwarded',
  payload: ForwardedRequest,
  result: ForwardedAnswer,
});
