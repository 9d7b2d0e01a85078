import { IsBoolean, IsOptional, IsString } from 'class-validator';

/** A player asks to see a room. */
export class FollowDto {
  /** Left out: the player's own room. */
  @IsOptional() @IsString() roomId?: string;
  /** False: not any more. */
  @IsOptional() @IsBoolean() follow?: boolean;
}

/** The room that a player sees from here on, or not any more. */
export class FollowAnswer {
  /** `<server type>.<entity>.<id>`, as the pushes of its view name it. */
  @IsString() room: string;
}
