import * as classValidator from 'class-validator';
import { ownChecks } from './dto-rules.js';

it('class-validator brings the checks that are named, and no others', () => {
  const names = Object.values(classValidator).filter((exported) => typeof exported === 'string');
  expect([...ownChecks].sort()).toEqual(names.sort());
});
