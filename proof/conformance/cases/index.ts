import type { Case } from '../case.js';
import { floodCases } from './floods.js';
import { handshakeCases } from './handshake.js';
import { moveCases } from './move.js';
import { pushCases } from './pushes.js';
import { refusalCases } from './refusals.js';
import { requestCases } from './requests.js';
import { resumeCases } from './resume.js';

export const allCases: Record<string, Case[]> = {
  handshake: handshakeCases,
  refusals: refusalCases,
  pushes: pushCases,
  resume: resumeCases,
  move: moveCases,
  requests: requestCases,
  floods: floodCases,
};
