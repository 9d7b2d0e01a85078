import { fitsTeam, type Mode, modeSchema } from './mode.js';

/** A field of the mode, as a path such as `skill.start` (empty: the mode itself), and what is wrong with it. */
export interface ModeProblem {
  field: string;
  problem: string;
}

/** Tells what is wrong with a mode that came from a file or a store; nothing when it can be played. */
export function checkMode(given: unknown): ModeProblem[] {
  const parsed = modeSchema.safeParse(given);
  if (parsed.success) return [...contradictionsOf(parsed.data)];
  return parsed.error.issues.map(({ path, message }) => ({ field: path.join('.'), problem: message }));
}

/** @throws Error that names every problem of every mode; also when two have one name */
export function checkModes(given: readonly Mode[]): Mode[] {
  const names = given.map(({ name }) => name);
  const lines = given.flatMap((mode, i) => [
    ...checkMode(mode).map(({ field, problem }) => `${mode.name}: ${field} ${problem}`),
    ...(names.indexOf(mode.name) === i ? [] : [`${mode.name}: is declared twice`]),
  ]);
  if (lines.length > 0) throw new Error(`The modes can't be played:\n${lines.join('\n')}`);
  return [...given];
}

/** The rules for fields that are right alone and wrong together. */
function* contradictionsOf(mode: Mode): Generator<ModeProblem> {
  const { teamSize, teams, maxParty, minParty = 1, fewer, longestWaitMs } = mode;
  if (maxParty > teamSize) yield { field: 'maxParty', problem: `is more than a team of ${teamSize}` };
  if (minParty > maxParty) yield { field: 'minParty', problem: `is more than maxParty, ${maxParty}` };
  if (teams * teamSize < 2) yield { field: 'teams', problem: 'a match needs two players' };
  if (teams * teamSize > 200)
    yield { field: 'teams', problem: `makes ${teams * teamSize} players, more than 200` };
  if (fewer) yield* fewerProblems(mode, fewer);
  yield* partySizeProblems(mode);
  if ((mode.skill || mode.latency) && longestWaitMs === undefined)
    yield {
      field: 'longestWaitMs',
      problem: 'is missing: with skill or latency limits somebody could wait for ever',
    };
  yield* expiryProblems(mode);
  yield* attributeProblems(mode);
  yield* keyProblems(mode);
  yield* roleProblems(mode);
}

function* fewerProblems(mode: Mode, { teams, teamSize }: NonNullable<Mode['fewer']>): Generator<ModeProblem> {
  if (teams !== undefined && teams > mode.teams)
    yield { field: 'fewer.teams', problem: `is more than the ${mode.teams} of a full match` };
  if (teamSize !== undefined && teamSize > mode.teamSize)
    yield { field: 'fewer.teamSize', problem: `is more than the ${mode.teamSize} of a full team` };
  if (teamSize !== undefined && teamSize < mode.maxParty)
    yield { field: 'fewer.teamSize', problem: `has no place for a party of ${mode.maxParty}` };
}

/** A rule that begins when no ticket waits any more would never hold. */
function* expiryProblems({
  ticketExpiryMs = Infinity,
  longestWaitMs,
  fewer,
  roles,
}: Mode): Generator<ModeProblem> {
  const waits = [
    ['its longest wait of', longestWaitMs],
    ['its match may be smaller, after', fewer?.afterMs],
    ['its match may do without roles, after', roles?.untilMs],
  ] as const;
  for (const [what, atMs = -1] of waits)
    if (ticketExpiryMs <= atMs)
      yield { field: 'ticketExpiryMs', problem: `ends a ticket before ${what} ${atMs} ms` };
}

/** A team is full to the last place, so a party that leaves places for too few would wait for ever. */
function* partySizeProblems(mode: Mode): Generator<ModeProblem> {
  const { teamSize, minParty = 1, maxParty } = mode;
  for (let party = minParty; party <= Math.min(maxParty, teamSize); party += 1)
    if (!fitsTeam(mode, party))
      yield {
        field: 'minParty',
        problem: `leaves a party of ${party} without others for a team of ${teamSize}`,
      };
}

function* attributeProblems({ attributes = {} }: Mode): Generator<ModeProblem> {
  if (Object.keys(attributes).length > 32) yield { field: 'attributes', problem: 'are more than 32' };
  for (const [name, rule] of Object.entries(attributes)) {
    const field = `attributes.${name}`;
    if (rule.setBy === 'server' && !rule.optional && rule.default === undefined)
      yield {
        field,
        problem: 'is set by a server, which may not say it: give it a default, or make it optional',
      };
    if (rule.type === 'number' && rule.min > rule.max) yield { field, problem: 'has a min above its max' };
    if (rule.type === 'enum' && rule.default !== undefined && !rule.values.includes(rule.default))
      yield { field: `${field}.default`, problem: `is none of ${rule.values.join(', ')}` };
    if (rule.type === 'number' && rule.default !== undefined && !isWithin(rule, rule.default))
      yield { field: `${field}.default`, problem: `is not within ${rule.min} and ${rule.max}` };
    if (rule.type === 'number' && rule.integer) yield* wholeProblems(field, rule);
    if (rule.type === 'string' && (rule.default?.length ?? 0) > (rule.maxLength ?? 64))
      yield { field: `${field}.default`, problem: `is longer than ${rule.maxLength ?? 64} characters` };
  }
}

function* wholeProblems(
  field: string,
  { min, max, default: value = Math.ceil(min) }: { min: number; max: number; default?: number },
): Generator<ModeProblem> {
  if (Math.ceil(min) > max) yield { field, problem: `has no whole number from ${min} to ${max}` };
  if (!Number.isInteger(value)) yield { field: `${field}.default`, problem: 'is no whole number' };
}

const isWithin = ({ min, max }: { min: number; max: number }, value: number): boolean =>
  value >= min && value <= max;

function* keyProblems({ attributes = {}, hardKeys, skill }: Mode): Generator<ModeProblem> {
  for (const key of hardKeys) {
    const rule = attributes[key];
    if (!rule) yield { field: 'hardKeys', problem: `names ${key}, which is no attribute` };
    else if (rule.type === 'number')
      yield { field: 'hardKeys', problem: `names ${key}, which is a number: use an enum or a string` };
    else if (rule.optional && rule.default === undefined)
      yield { field: 'hardKeys', problem: `names ${key}, which a ticket may leave out: give it a default` };
  }
  if (new Set(hardKeys).size < hardKeys.length) yield { field: 'hardKeys', problem: 'names one twice' };
  if (!skill) return;
  const rule = attributes[skill.attribute];
  if (rule?.type !== 'number')
    yield { field: 'skill.attribute', problem: `names ${skill.attribute}, which is no number attribute` };
  else if (rule.optional && rule.default === undefined)
    yield { field: 'skill.attribute', problem: `names ${skill.attribute}, which a ticket may leave out` };
  if (skill.most !== undefined && skill.most < skill.start)
    yield { field: 'skill.most', problem: `is less than its start, ${skill.start}` };
}

function* roleProblems({ roles, teamSize, fewer, latency }: Mode): Generator<ModeProblem> {
  const places = Object.values(roles?.perTeam ?? {}).reduce((sum, count) => sum + count, 0);
  const smallest = Math.min(teamSize, fewer?.teamSize ?? teamSize);
  if (roles && places === 0) yield { field: 'roles.perTeam', problem: 'names no role' };
  if (places > smallest)
    yield { field: 'roles.perTeam', problem: `asks for ${places} players of a team of ${smallest}` };
  if (Object.keys(roles?.perTeam ?? {}).length > 8)
    yield { field: 'roles.perTeam', problem: 'names more than 8' };
  if (latency && Object.keys(latency.limitsMs).length === 0)
    yield { field: 'latency.limitsMs', problem: 'names no region' };
  if (Object.keys(latency?.limitsMs ?? {}).length > 64)
    yield { field: 'latency.limitsMs', problem: 'names more than 64 regions' };
}
