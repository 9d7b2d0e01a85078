import { BadRequestException, ValidationPipe } from '@nestjs/common';
import { Type } from 'class-transformer';
import { IsInt, IsString, ValidateNested } from 'class-validator';
import { hostileErrors } from '@ccgame/testing';
import { RpcError } from '../errors.js';
import { invalid } from './invalid.js';
import { problemsOfException } from './nest-problems.js';

const oneProblem = { problems: [{ field: 'name', rule: 'expected a name' }] };
const unsaid = { problems: [{ field: '', rule: 'The call is not what the handler takes' }] };

describe('INVALID', () => {
  it.each<[string, unknown, unknown]>([
    ['nothing', undefined, unsaid],
    ['a text', 'no sword', { problems: [{ field: '', rule: 'no sword' }] }],
    [
      'the shape of older versions',
      { field: 'name', expected: 'x' },
      { field: 'name', expected: 'x', ...unsaid },
    ],
    ['no problem', { problems: [] }, unsaid],
    ['problems that are none', { problems: [{ field: 7 }, null] }, unsaid],
    ['what JSON can not hold', { problems: 1n }, unsaid],
    ['its own shape', oneProblem, oneProblem],
    ['its own shape and more', { ...oneProblem, hint: 1 }, { ...oneProblem, hint: 1 }],
  ])('has its problems, whoever made it, with %s for details', (_, details, told) => {
    const error = new RpcError('INVALID', { details, message: 'for the log alone' });
    expect([error.details, error.toPublic().details]).toEqual([told, told]);
  });

  it.each(hostileErrors)('has its problems where the details are %s', (_, make) => {
    const { details } = new RpcError('INVALID', { details: make() }).toPublic();
    expect(details).toMatchObject({ problems: [{ field: '', rule: expect.any(String) }] });
  });

  it('says its problems in the log, and another text only there', () => {
    const problems = [...oneProblem.problems, { field: '', rule: 'expected an object' }];
    expect(invalid(problems).message).toBe('name: expected a name; expected an object');
    const { message, details } = invalid(problems, { message: 'Not a name: "?"' });
    expect([message, details]).toEqual(['Not a name: "?"', { problems }]);
  });
});

class Item {
  @IsInt()
  count!: number;
}
class Order {
  @IsString({ each: true })
  tags!: string[];
  @ValidateNested()
  @Type(() => Item)
  item!: Item;
  @ValidateNested({ each: true })
  @Type(() => Item)
  items!: Item[];
}

describe('the problems of an exception of Nest’s', () => {
  const pipe = new ValidationPipe({ transform: true, whitelist: true, forbidNonWhitelisted: true });

  it('are those of ValidationPipe, each with the path of its field', async () => {
    const wrong = { tags: [1], item: { count: 'x', admin: 1 }, items: [{ count: 1 }, 7], more: 1 };
    const refusal: unknown = await pipe
      .transform(wrong, { type: 'body', metatype: Order })
      .catch((one) => one);
    const fields = problemsOfException(refusal as BadRequestException).map(({ field }) => field);
    expect(fields.sort()).toEqual(['item.admin', 'item.count', 'items', 'more', 'tags']);
  });

  it.each<[string, BadRequestException, unknown]>([
    ['a sentence of the game’s', new BadRequestException('No such sword'), 'No such sword'],
    ['a list of them', new BadRequestException(['No such sword']), 'No such sword'],
    ['nothing', new BadRequestException(), 'Bad Request'],
    ['an object of the game’s', new BadRequestException({ swords: 0 }), 'Bad Request Exception'],
  ])('name no field where it holds %s', (_, exception, rule) => {
    expect(problemsOfException(exception)).toEqual([{ field: '', rule }]);
  });
});
