import 'reflect-metadata';
import type { ArgumentMetadata } from '@nestjs/common';
import { IsOptional, IsString, ValidateIf } from 'class-validator';
import { InputPipe } from './input-pipe.js';

class PlainDto {
  @IsOptional()
  @IsString()
  name?: string;
}

/** No schema can say it, so class-validator alone would look at it. */
class ConditionalDto {
  @ValidateIf(() => true)
  @IsString()
  name?: string;
}

/** Counts how often a value of it is read. */
function readsOf(count: number): { input: object; reads: () => number } {
  let reads = 0;
  const fields = Object.fromEntries(Array.from({ length: count }, (_, index) => [`key${index}`, 1]));
  const input = new Proxy(fields, {
    get: (target, name) => {
      reads += 1;
      return Reflect.get(target, name) as unknown;
    },
  });
  return { input, reads: () => reads };
}

describe('the pipe of all input', () => {
  it.each<[string, ArgumentMetadata, number]>([
    ['a body', { type: 'body', metatype: PlainDto }, 2_048],
    ['a body that class-validator checks', { type: 'body', metatype: ConditionalDto }, 2_048],
    ['a body of any class', { type: 'body', metatype: Object }, 2_048],
    ['a query', { type: 'query', metatype: PlainDto }, 64],
  ])('refuses %s of 7,000 fields, and looks at no more than it takes', async (_, metadata, most) => {
    const { input, reads } = readsOf(7_000);
    const rule = expect.stringContaining(`${most} entries`);
    await expect(new InputPipe().transform(input, metadata)).rejects.toMatchObject({
      code: 'INVALID',
      details: { problems: [{ field: '', rule }] },
    });
    expect(reads()).toBe(most + 1);
  });

  it('takes what is within its bounds', async () => {
    for (const metatype of [PlainDto, ConditionalDto])
      expect(await new InputPipe().transform({ name: 'anna' }, { type: 'body', metatype })).toEqual({
        name: 'anna',
      });
  });
});
