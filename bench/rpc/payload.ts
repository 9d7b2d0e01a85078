import 'reflect-metadata';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsIn,
  IsInt,
  IsObject,
  IsString,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';

export class BenchPlayer {
  @IsString() @MaxLength(64) uid: string;
  @IsInt() @Min(0) rating: number;
}

/** About 200 bytes of JSON, as a call to join a match queue has. The same class is checked by Nest's pipe and by ours. */
export class BenchDto {
  @IsInt() @Min(0) id: number;
  @IsIn(['ranked', 'casual']) mode: string;
  @IsString() @MaxLength(32) region: string;
  @IsArray() @ArrayMaxSize(8) @IsString({ each: true }) tags: string[];
  @IsObject() @ValidateNested() @Type(() => BenchPlayer) player: BenchPlayer;
  @IsString() @MaxLength(128) note: string;
}

export function payload(id: number): BenchDto {
  return {
    id,
    mode: 'ranked',
    region: 'eu-central-1',
    tags: ['solo', 'cross-play', 'voice'],
    player: { uid: 'player-0000-1111-2222', rating: 1532 },
    note: 'a note that makes the object two hundred bytes long, more or less',
  };
}
