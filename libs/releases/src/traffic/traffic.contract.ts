import { Type } from 'class-transformer';
import { ArrayMaxSize, IsInt, IsNumber, IsOptional, IsString, ValidateNested } from 'class-validator';
import { type HandlerContract, serverHandler } from '@ccgame/rpc';

/** Upper bounds of the buckets in which durations are counted, ms; one more bucket has none. */
export const trafficBuckets = [
  1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1_000, 2_000, 5_000,
];

/**
 * Stands among the routes for the last part of a handshake, which is the version's own: the game's hooks, and the first pushes. Its durations are not counted: those of a
 * canary whose players all come at once would say nothing.
 */
export const handshakeRoute = 'handshake';

/** The errors of one player, as far as a server keeps them apart. */
export class PlayerErrors {
  /** Tells the player from others, on every server alike; it is no name. */
  @IsString()
  player: string;

  @IsInt()
  errors: number;
}

/** How long the requests of one player took, as far as a server keeps them apart. */
export class PlayerTimes {
  /** As in {@link PlayerErrors}. */
  @IsString()
  player: string;

  /** Those without an error: see {@link trafficBuckets}. */
  @IsNumber({}, { each: true })
  @ArrayMaxSize(100)
  buckets: number[];
}

/** The answers that players of one version got on one route, since the server that counts them started. */
export class RouteTraffic {
  @IsString()
  version: string;

  /** `matching.user_join_matching`, `GET /v1/config` */
  @IsString()
  route: string;

  /** Requests that the servers should have served and could not: the status of their error is 500 or more. */
  @IsInt()
  failed: number;

  /** Requests that got another error, which is an answer: not found, not allowed, too many. */
  @IsInt()
  refused: number = 0;

  /** The others, by how long they took: see {@link trafficBuckets}. */
  @IsNumber({}, { each: true })
  @ArrayMaxSize(100)
  buckets: number[];

  /** How many of `failed` and `refused` are of the players who met the most of them, most first. Servers from before leave it out. */
  @IsOptional()
  @ValidateNested({ each: true })
  @Type(() => PlayerErrors)
  @ArrayMaxSize(100)
  errorsOf?: PlayerErrors[];

  /** Those of `buckets` that are of the players whose requests took the most time together. Servers from before leave it out. */
  @IsOptional()
  @ValidateNested({ each: true })
  @Type(() => PlayerTimes)
  @ArrayMaxSize(100)
  timesOf?: PlayerTimes[];
}

/** The answers that one server gave players, by version and route. */
export class Traffic {
  /** Tells the process that counts from the others under its server id: a pod that comes back counts from zero. */
  @IsString()
  incarnation: string;

  @ValidateNested({ each: true })
  @Type(() => RouteTraffic)
  @ArrayMaxSize(10_000)
  routes: RouteTraffic[];
}

/**
 * The handler by which the release command compares a canary with stable, for servers of a type: requests over sockets by the version of
 * the session or of the message, HTTP requests by the version that was to answer them. Every server with `ReleasesModule` answers, one
 * that serves no players with none. No player reaches it.
 */
export function trafficHandler(serverType: string): HandlerContract<void, Traffic> {
  return serverHandler({ serverType, handler: 'traffic', result: Traffic });
}
