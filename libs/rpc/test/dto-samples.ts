import 'reflect-metadata';
import { Type } from 'class-transformer';
import {
  Allow,
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  Contains,
  IsArray,
  IsBoolean,
  IsDefined,
  IsEmail,
  IsEnum,
  IsIn,
  IsInt,
  IsISO8601,
  IsNotEmpty,
  IsNumber,
  IsObject,
  IsOptional,
  IsPositive,
  IsString,
  IsUUID,
  Length,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateNested,
} from 'class-validator';
import fc from 'fast-check';
import type { DtoClass } from '../src/contract/contract.js';

enum Mode {
  Ranked = 'ranked',
  Casual = 'casual',
}
enum Level {
  Low,
  High,
}

class Texts {
  @IsString() plain: string;
  @IsOptional() @IsString() @MinLength(2) @MaxLength(4) bounded?: string;
  @Length(1, 3) length: string;
  @Matches(/^[a-z]+$/) matching: string;
  @IsOptional() @IsUUID() uuid?: string;
  @IsOptional() @IsEmail() email?: string;
  @IsOptional() @IsISO8601() when?: string;
  @IsOptional() @Contains('a') containing?: string;
  @IsNotEmpty() notEmpty: unknown;
}

class Numbers {
  @IsInt() @Min(0) @Max(10) int: number;
  @IsNumber() any: number;
  @IsOptional() @IsNumber({ maxDecimalPlaces: 2 }) money?: number;
  @IsPositive() positive: number;
  @IsOptional() @IsInt() @IsPositive() both?: number;
}

class Choices {
  @IsEnum(Mode) mode: Mode;
  @IsOptional() @IsEnum(Level) level?: Level;
  @IsIn(['eu', 'us', null]) region: string | null;
  @IsOptional() @IsIn([1, 2]) number?: number;
  @IsBoolean() flag: boolean;
  @Allow() whatever?: unknown;
  @IsDefined() defined: unknown;
}

class Lists {
  @IsArray() @ArrayMaxSize(3) @IsString({ each: true }) texts: string[];
  @IsString({ each: true }) loose: string[];
  @IsOptional() @ArrayMinSize(1) @ArrayUnique() unique?: unknown[];
  @IsOptional() @IsObject() object?: object;
}

export class Member {
  @IsString() uid: string;
  @IsOptional() @IsInt() rating?: number;
}

export class Tree {
  @IsInt() value: number;
  @IsOptional() @ValidateNested() @Type(() => Tree) child?: Tree;
}

export class Party extends Member {
  @IsArray() @ValidateNested({ each: true }) @Type(() => Member) members: Member[];
  @ValidateNested() @Type(() => Member) leader?: Member;
  @IsOptional() @ValidateNested() @Type(() => Tree) tree?: Tree;
}

/** Values around every rule above; the interesting ones are listed, the rest is whatever JSON can hold. */
const value = fc.oneof(
  fc.constantFrom<unknown>(
    ...[
      '',
      'a',
      'ab',
      'abc',
      'abcd',
      'abcde',
      'A1',
      '💥💥',
      'eu',
      'us',
      'ranked',
      'Low',
      'a@b.co',
      '2020-02-30',
    ],
    ...['123e4567-e89b-42d3-a456-426614174000', '2020-01-01T00:00:00Z', '1', 'true', 'null'],
    ...[0, -0, 1, 2, 10, 11, -1, 0.5, 0.125, 1e21, 1e-7, Number.MAX_SAFE_INTEGER + 2, true, false, null],
    // JSON can say 1e999.
    ...[Infinity, -Infinity],
    ...[[], ['a'], ['a', 'b', 'c', 'd'], ['a', 1], [null], [[]], [['a']], {}, { a: 1 }, [1, 1]],
    ...[
      { uid: 'u' },
      { uid: 1 },
      [{ uid: 'u' }],
      [{ uid: 'u', x: 1 }],
      [[{ uid: 'u' }]],
      [null, { uid: 'u' }],
    ],
    ...[{ value: 1 }, { value: 1, child: { value: 2, child: null } }, { value: 1, child: { value: 'x' } }],
  ),
  fc.jsonValue({ maxDepth: 2 }),
);

export function objectsNear(fields: string[]): fc.Arbitrary<unknown> {
  const keys = fc.subarray([...fields, 'unknown', 'x'], { minLength: 0 });
  return keys.chain((chosen) => fc.record(Object.fromEntries(chosen.map((key) => [key, value]))));
}

/** Objects that are mostly right, so that each rule decides on its own. */
export function objectsOf(good: object): fc.Arbitrary<unknown> {
  const fields = Object.keys(good);
  return fc
    .tuple(fc.constantFrom(...fields, 'unknown'), value, fc.boolean())
    .map(([field, replacement, leaveOut]) => {
      const copy: Record<string, unknown> = { ...good, [field]: replacement };
      if (leaveOut) delete copy[field];
      return copy;
    });
}

export const member = { uid: 'u', rating: 3 };
/** Classes of every rule, each with an example. */
export const samples: [DtoClass, object][] = [
  [Texts, { plain: 'x', bounded: 'abc', length: 'ab', matching: 'abc', uuid: null, notEmpty: 1 }],
  [Numbers, { int: 3, any: 0.5, money: 1.25, positive: 1, both: 2 }],
  [Choices, { mode: 'ranked', level: 1, region: 'eu', number: 1, flag: true, whatever: [], defined: 0 }],
  [Lists, { texts: ['a'], loose: ['b'], unique: [1, 2], object: {} }],
  [Member, member],
  [Tree, { value: 1, child: { value: 2, child: { value: 3 } } }],
  [Party, { ...member, members: [member, { uid: 'v' }], leader: member, tree: { value: 1 } }],
];
