import { Type } from 'class-transformer';
import { IsInt, IsOptional, Matches, Max, Min } from 'class-validator';

/** Which period of a board; the current one when left out. */
export class PeriodQueryDto {
  @IsOptional()
  @Matches(/^(current|previous|all|\d{8}T\d{6}Z)$/)
  period?: string;
}

export class BoardQueryDto extends PeriodQueryDto {
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(200)
  limit = 100;

  /** How many players are left out at the top. */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(100_000_000)
  offset = 0;
}

export class PlayerQueryDto extends PeriodQueryDto {
  /** How many players before and after. */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(50)
  around = 0;
}
