import 'reflect-metadata';
import { Ajv } from 'ajv';
import { plainToInstance, Transform, Type } from 'class-transformer';
import {
  IsBoolean,
  IsDate,
  IsInt,
  IsString,
  Length,
  registerDecorator,
  validate,
  ValidateIf,
} from 'class-validator';
import fc from 'fast-check';
import type { DtoClass } from '../contract/contract.js';
import { RpcError } from '../errors.js';
import { member, Member, objectsNear, objectsOf, Party, samples, Tree } from '../../test/dto-samples.js';
import { isCompilable, payloadCheckOf } from './payload-check.js';

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

/** Where we are stricter than class-validator: a list in a nested list, and numbers that JSON has no digits for. */
function isRefusedByUsAlone(input: unknown): boolean {
  const isEndless = Object.values(Object(input) as object).some((each) => each === Infinity);
  return isEndless || hasListInNestedList(input);
}

function hasListInNestedList(input: unknown): boolean {
  const { members, leader, child, tree } = Object(input) as Record<string, unknown>;
  return [members, leader, child, tree].some((nested) => Array.isArray(nested) && nested.some(Array.isArray));
}

describe('the compiled check', () => {
  it.each(samples)('of %p refuses and accepts exactly what class-validator does', async (dto, example) => {
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
        fc.pre(!isRefusedByUsAlone(input));
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

describe('the start of a server', () => {
  it('compiles no check: the first payload of each does, once', () => {
    const compile = jest.spyOn(Ajv.prototype, 'compile');
    const check = payloadCheckOf(Member);
    expect(isCompilable(Member)).toBe(true);
    expect(compile).not.toHaveBeenCalled();
    expect([check(member), check(member)]).toEqual([member, member]);
    expect(compile).toHaveBeenCalledTimes(1);
    compile.mockRestore();
  });
});

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

describe('a payload of thousands of unknown fields', () => {
  it('is not explained field by field', async () => {
    let reads = 0;
    const fields = Object.fromEntries(Array.from({ length: 7_000 }, (_, index) => [`key${index}`, 1]));
    const payload = new Proxy(fields, {
      get: (target, name) => {
        reads += 1;
        return Reflect.get(target, name) as unknown;
      },
    });
    expect(isCompilable(Member)).toBe(true);
    expect(await byUs(payloadCheckOf(Member), payload)).toBe(false);
    expect(reads).toBeLessThan(300);
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
