import { Type } from 'class-transformer';
import { ArrayMaxSize, IsInt, IsOptional, IsString, MaxLength, ValidateNested } from 'class-validator';
import { type HandlerContract, serverHandler } from '@ccgame/rpc';

/** One kind of work that a server still has. */
export class WorkItem {
  /** In the plural: `table rooms` */
  @IsString() @MaxLength(100) name: string;
  @IsInt() count: number;
  /** For how long the oldest one has been going on. */
  @IsInt() longestMs: number;
}

/** All that a server still has, by kind. */
export class WorkList {
  @ValidateNested({ each: true })
  @Type(() => WorkItem)
  @ArrayMaxSize(100)
  items: WorkItem[];
}

/** The version that would take the work over. */
export class TakerDto {
  /** That is to go on with what this server has. */
  @IsString() @MaxLength(64) version: string;
}

/** How much of one kind of work was tried. */
export class TriedWork {
  /** In the plural: `table rooms` */
  @IsString() @MaxLength(100) name: string;
  @IsInt() tried: number;
  @IsInt() of: number;
}

/** The work that would stay behind, a sentence each. */
export class LeftBehind {
  /** A sentence each, some ten at most. */
  @IsString({ each: true }) @MaxLength(500, { each: true }) @ArrayMaxSize(20) problems: string[];

  /** Kinds of which some alone were tried; left out by servers of an older build. */
  @IsOptional()
  @ValidateNested({ each: true })
  @Type(() => TriedWork)
  @ArrayMaxSize(100)
  tried?: TriedWork[];
}

/** Asks each server of a type for the work that must not be cut off. No player reaches it. */
export function workLeftHandler(serverType: string): HandlerContract<void, WorkList> {
  return serverHandler({ serverType, handler: 'work_left', result: WorkList });
}

/** Asks each server of a type for the work that another version could not go on with. Nothing is changed. No player reaches it. */
export function leftBehindHandler(serverType: string): HandlerContract<TakerDto, LeftBehind> {
  return serverHandler({ serverType, handler: 'left_behind', payload: TakerDto, result: LeftBehind });
}
