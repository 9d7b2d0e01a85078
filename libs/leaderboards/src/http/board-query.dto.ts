import { ApiProperty } from '@nestjs/swagger';
import { IsInt, IsOptional, Matches, Max, Min } from 'class-validator';

/** The query of every route that is about one period. */
export class PeriodQueryDto {
  @IsOptional()
  @ApiProperty({
    description: "`current`, `previous` or a period's name, 20261128T000000Z; the current one when left out",
  })
  @Matches(/^(current|previous|all|[0-9]{8}T[0-9]{6}Z)$/u)
  period?: string;
}

/** The query of a page of a board. */
export class BoardQueryDto extends PeriodQueryDto {
  @IsOptional()
  @ApiProperty({ description: 'How many players at most' })
  @IsInt()
  @Min(1)
  @Max(200)
  limit = 100;

  @IsOptional()
  @ApiProperty({ description: 'How many players are left out at the top' })
  @IsInt()
  @Min(0)
  @Max(100_000_000)
  offset = 0;
}

/** The query of one player's place. */
export class PlayerQueryDto extends PeriodQueryDto {
  @IsOptional()
  @ApiProperty({ description: 'How many players before and after the player are told as well' })
  @IsInt()
  @Min(0)
  @Max(50)
  around = 0;
}
