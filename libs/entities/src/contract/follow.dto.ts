import { IsBoolean, IsOptional, IsString } from 'class-validator';

/** A player asks to see a room. */
export class FollowDto {
  /** Left out: the player's own room. */
  @IsOptional() @IsString() roomId?: string;
  /** False: not any more. */
  @IsOptional() @IsBoolean() follow?: boolean;
}
