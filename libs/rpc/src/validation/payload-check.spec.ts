import 'reflect-metadata';
import { plainToInstance, Transform, Type } from 'class-transformer';
import {
  Allow,
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  Contains,
  IsArray,
  IsBoolean,
  IsDate,
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
  registerDecorator,
  validate,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import fc from 'fast-check';
import type { DtoClass } from '../contract/contract.js';
import { RpcError } from '../errors.js';
import { isCompilable, payloadCheckOf } from './payload-check.js';

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

class Member {
  @IsString() uid: string;
  @IsOptional() @IsInt() rating?: number;
}

class Tree {
  @IsInt() value: number;
  @IsOptional() @ValidateNested() @Type(() => Tree) child?: Tree;
}

class Party extends Member {
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

function objectsNear(fields: string[]): fc.Arbitrary<unknown> {
  const keys = fc.subarray([...fields, 'unknown', 'x'], { minLength: 0 });
  return keys.chain((chosen) => fc.record(Object.fromEntries(chosen.map((key) => [key, value]))));
}

/** Objects that are mostly right, so that each rule decides on its own. */
function objectsOf(good: object): fc.Arbitrary<unknown> {
  const fields = Object.keys(good);
  return fc
    .tuple(fc.constantFrom(...fields, 'unknown'), value, fc.boolean())
    .map(([field, replacement, leaveOut]) => {
      const copy: Record<string, unknown> = { ...good, [field]: replacement };
      if (leaveOut) delete copy[field];
      return copy;
    });
}

async function byClassValidator(dto: DtoClass, input: unknown): Promise<boolean> {
  try {
    const options = { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: true };
    return (await validate(plainToInstance(dto, input) as object, options)).length === 0;
  } catch {
    return false;
  }
}

async function byUs(check: (payload: unknown) => unknown, input: unknown): Promise<boolean> {
  try {
    await check(input);
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(RpcError);
    return false;
  }
}

/** The one place where we are stricter than class-validator. */
function hasListInNestedList(input: unknown): boolean {
  const { members, leader, child, tree } = Object(input) as Record<string, unknown>;
  return [members, leader, child, tree].some((nested) => Array.isArray(nested) && nested.some(Array.isArray));
}

const member = { uid: 'u', rating: 3 };
const good: [DtoClass, object][] = [
  [Texts, { plain: 'x', bounded: 'abc', length: 'ab', matching: 'abc', uuid: null, notEmpty: 1 }],
  [Numbers, { int: 3, any: 0.5, money: 1.25, positive: 1, both: 2 }],
  [Choices, { mode: 'ranked', level: 1, region: 'eu', number: 1, flag: true, whatever: [], defined: 0 }],
  [Lists, { texts: ['a'], loose: ['b'], unique: [1, 2], object: {} }],
  [Member, member],
  [Tree, { value: 1, child: { value: 2, child: { value: 3 } } }],
  [Party, { ...member, members: [member, { uid: 'v' }], leader: member, tree: { value: 1 } }],
];

describe('the compiled check', () => {
  it.each(good)('of %p refuses and accepts exactly what class-validator does', async (dto, example) => {
    const check = payloadCheckOf(dto);
    expect(isCompilable(dto)).toBe(true);
    expect(await byUs(check, example)).toBe(true);
    const inputs = fc.oneof(
      { weight: 3, arbitrary: objectsOf(example) },
      { weight: 1, arbitrary: objectsNear(Object.keys(example)) },
    );
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(inputs, async (input) => {
        fc.pre(!hasListInNestedList(input));
        const expected = await byClassValidator(dto, input);
        accepted += expected ? 1 : 0;
        expect(await byUs(check, structuredClone(input))).toBe(expected);
      }),
      { numRuns: 500 },
    );
    // Else the inputs would prove nothing.
    expect(accepted).toBeGreaterThan(20);
  });

  it('refuses a list where a nested object is due, which class-validator lets through', async () => {
    const party = { uid: 'u', members: [[]] };
    expect(await byClassValidator(Party, party)).toBe(true);
    expect(await byUs(payloadCheckOf(Party), party)).toBe(false);
  });

  it('says which field is wrong and what is expected, and never the value', async () => {
    const attempt = payloadCheckOf(Party)({
      uid: 'u',
      password: 'hunter2',
      members: [{ uid: 'v' }, { uid: { secret: 'hunter2' } }],
    });
    const error = (await Promise.resolve(attempt).catch((thrown: unknown) => thrown)) as RpcError;
    expect(error).toMatchObject({ code: 'INVALID', retryable: false });
    expect(error.details).toEqual({
      problems: [
        { field: 'password', rule: 'property password should not exist' },
        { field: 'members.1.uid', rule: 'uid must be a string' },
      ],
    });
    expect(JSON.stringify(error.toPublic())).not.toContain('hunter2');
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a list', [{ uid: 'u' }]],
    ['a text', 'uid'],
    [
      'a payload nested beyond any stack',
      JSON.parse('{"value":1,"child":'.repeat(50_000) + 'null' + '}'.repeat(50_000)),
    ],
  ])('refuses %s', async (_, payload) => {
    expect(await byUs(payloadCheckOf(Tree), payload)).toBe(false);
  });
});

function IsShouting(): PropertyDecorator {
  return (target, propertyName) =>
    registerDecorator({
      name: 'isShouting',
      target: target.constructor,
      propertyName: String(propertyName),
      validator: { validate: async (text: string) => text === text.toUpperCase() },
    });
}

class Custom {
  @IsShouting() text: string;
}
class Conditional {
  @IsBoolean() named: boolean;
  @ValidateIf((self: Conditional) => self.named) @IsString() name?: string;
}
class Dated {
  @Type(() => Date) @IsDate() at: Date;
}
class Trimmed {
  @Transform(({ value: text }) => String(text).trim()) @Length(1, 3) name: string;
}
class WithDefault {
  @IsInt() size = 5;
}

describe('what no schema can express is checked by class-validator', () => {
  it.each<[DtoClass, object, object]>([
    [Custom, { text: 'LOUD' }, { text: 'quiet' }],
    [Conditional, { named: false }, { named: true }],
    [Dated, { at: '2020-01-01T00:00:00.000Z' }, { at: 'soon' }],
    [Trimmed, { name: ' abc  ' }, { name: '    ' }],
    [WithDefault, {}, { size: 'x' }],
  ])('%p', async (dto, right, wrong) => {
    expect(isCompilable(dto)).toBe(false);
    expect(await byUs(payloadCheckOf(dto), right)).toBe(true);
    expect(await byUs(payloadCheckOf(dto), wrong)).toBe(false);
  });

  it('and arrives as an instance, converted', async () => {
    const dated = (await payloadCheckOf(Dated)({ at: '2020-01-01T00:00:00.000Z' })) as Dated;
    expect(dated).toBeInstanceOf(Dated);
    expect(dated.at).toEqual(new Date('2020-01-01T00:00:00.000Z'));
  });
});

describe('a payload that is no object', () => {
  it('is a primitive or a list where the contract says so', async () => {
    expect(await byUs(payloadCheckOf(String), 'x')).toBe(true);
    expect(await byUs(payloadCheckOf(Number), 'x')).toBe(false);
    expect(await byUs(payloadCheckOf([Member]), [member])).toBe(true);
    expect(await byUs(payloadCheckOf([Member]), [member, { uid: 1 }])).toBe(false);
    expect(await byUs(payloadCheckOf([String]), 'x')).toBe(false);
  });

  it('is nothing where the contract names none', async () => {
    expect(await byUs(payloadCheckOf(undefined), {})).toBe(true);
    expect(await byUs(payloadCheckOf(undefined), { a: 1 })).toBe(false);
  });
});
