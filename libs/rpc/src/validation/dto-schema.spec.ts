import 'reflect-metadata';
import { Ajv, type ValidateFunction } from 'ajv';
import { Transform, Type } from 'class-transformer';
import {
  ArrayNotEmpty,
  Equals,
  IsArray,
  IsBoolean,
  IsDate,
  IsDivisibleBy,
  IsHexadecimal,
  IsIn,
  IsInt,
  IsMongoId,
  IsNegative,
  IsNotIn,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Matches,
  MaxLength,
  Min,
  NotContains,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import fc from 'fast-check';
import { objectsNear, objectsOf, samples } from '../../test/dto-samples.js';
import type { DtoClass } from '../contract/contract.js';
import { DtoSchemas } from './dto-schema.js';
import { IsName } from './is-name.js';
import { type PayloadCheck, payloadCheckOf } from './payload-check.js';

/** The description as a stranger reads it: without any keyword of ours. */
function describedCheck(dto: DtoClass): ValidateFunction {
  const schemas = new DtoSchemas({ pointer: '#/definitions/', purpose: 'describe' });
  const { $ref } = schemas.referenceTo(dto);
  const ajv = new Ajv({ strict: false, strictNumbers: true, validateFormats: false });
  return ajv.compile(JSON.parse(JSON.stringify({ $ref, definitions: schemas.definitions })) as object);
}

const checks = new Map<DtoClass, PayloadCheck>();

async function isTaken(dto: DtoClass, input: unknown): Promise<boolean> {
  const check = checks.get(dto) ?? payloadCheckOf(dto);
  checks.set(dto, check);
  try {
    await check(structuredClone(input));
    return true;
  } catch {
    return false;
  }
}

class Point {
  @IsInt() @Min(0) x: number;
}

class Exact {
  @IsName('playerId') playerId: string;
  @Length(2, 3) length: string;
  @Matches(/^[a-c]{2}$/) matching: string;
  @Matches(/^.$/u) one: string;
  @NotContains('|') apart: string;
  @IsUUID('4') uuid: string;
  @IsUUID() anyUuid: string;
  @IsMongoId() mongo: string;
  @IsHexadecimal() hex: string;
  @IsDivisibleBy(3) third: number;
  @IsNegative() negative: number;
  @IsNotIn(['x', 1]) notIn: unknown;
  @Equals('yes') yes: string;
  @IsIn([1, 2.5]) choice: number;
  @IsArray() @ArrayNotEmpty() @IsString({ each: true }) @MaxLength(2, { each: true }) texts: string[];
  @ValidateNested() @Type(() => Point) point: Point;
  @IsArray() @ValidateNested({ each: true }) @Type(() => Point) points: Point[];
  @IsOptional() @IsBoolean() flag?: boolean;
}

const v4 = '123e4567-e89b-42d3-a456-426614174000';
const exact: Record<keyof Exact, unknown[]> = {
  playerId: ['anna', '', 'a.b', 'constructor', 'x'.repeat(128), 'x'.repeat(129), 'a\n', 1],
  length: ['a', 'ab', 'abc', 'abcd', '💥💥', '💥💥💥💥'],
  matching: ['ab', 'AB', 'abc', ''],
  one: ['a', '💥', 'ab', ''],
  apart: ['a', 'a|b', ''],
  uuid: [v4, v4.toUpperCase(), v4.replace('42d3', '12d3'), 'x'],
  anyUuid: [v4, v4.replace('42d3', '92d3'), '00000000-0000-0000-0000-000000000000', `${v4}0`],
  mongo: ['507f1f77bcf86cd799439011', '507F1f77bcf86cd79943901', 'x'],
  hex: ['ff', '0xFF', '0h1', 'x', ''],
  third: [3, -6, 0, 4, '3'],
  negative: [-1, -0.5, 0, 1],
  notIn: ['x', 'y', 1, 2, null],
  yes: ['yes', 'no', null],
  choice: [1, 2.5, 2, '1'],
  texts: [['a'], [], ['abc'], [1], 'a', {}],
  point: [{ x: 0 }, { x: -1 }, { x: 0.5 }, {}, { x: 0, y: 0 }, [{ x: 0 }], [{ x: -1 }], null],
  points: [[], [{ x: 0 }], [{ x: 0 }, null], { x: 0 }, [[{ x: 0 }]]],
  flag: [true, null, 'true', 1],
};
const first = Object.fromEntries(Object.entries(exact).map(([name, [value]]) => [name, value]));

describe('the description of a class', () => {
  it.each(Object.entries(exact))('allows for %s exactly what the server takes', async (name, values) => {
    const check = describedCheck(Exact);
    for (const value of [...values, undefined]) {
      const input = { ...first, [name]: value };
      expect([value, check(JSON.parse(JSON.stringify(input)))]).toEqual([value, await isTaken(Exact, input)]);
    }
  });

  it.each(samples)('of %p forbids nothing that the server takes', async (dto, example) => {
    const check = describedCheck(dto);
    const inputs = fc.oneof(objectsOf(example), objectsNear(Object.keys(example)));
    await fc.assert(
      fc.asyncProperty(inputs, async (input) => {
        if (await isTaken(dto, input)) expect(check(input)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('has references that lead somewhere, one schema a class, and no keyword of ours', () => {
    const schemas = new DtoSchemas({ pointer: '#/components/schemas/', purpose: 'describe' });
    for (const [dto] of samples) schemas.referenceTo(dto);
    schemas.referenceTo(otherNamedPoint());
    schemas.referenceTo(Point);
    const names = Object.keys(schemas.definitions);
    expect(names).toEqual([...new Set(names)]);
    expect(names).toEqual(expect.arrayContaining(['Party', 'Member', 'Tree', 'Point', 'Point2']));
    const text = JSON.stringify(schemas.definitions);
    for (const [, name] of text.matchAll(/#\/components\/schemas\/(\w+)/g)) expect(names).toContain(name);
    expect(text).not.toContain('satisfies');
  });

  it('tells what a left-out field is filled with, and says nothing of what it can not know', () => {
    class Loose {
      @IsInt() @Min(1) limit = 100;
      @Type(() => Date) @IsDate() at: Date;
      @ValidateIf(() => false) @IsString() sometimes?: string;
      @Transform(({ value }) => Number(value)) @IsInt() converted: number;
    }
    const schemas = new DtoSchemas({ pointer: '#/', purpose: 'describe' });
    schemas.referenceTo(Loose);
    expect(schemas.definitions.Loose).toEqual({
      type: 'object',
      properties: {
        limit: { type: 'integer', minimum: 1, default: 100 },
        at: { type: 'string', format: 'date-time' },
        sometimes: {},
        converted: {},
      },
      required: ['at'],
      additionalProperties: false,
    });
  });
});

function otherNamedPoint(): DtoClass {
  class Point {
    @IsString() name: string;
  }
  return Point;
}
