import type { CandidateClass, CandidateGroup, Explanation } from '../../contracts/explanation.js';
import type { Mode } from '../rules/mode.js';

/** An explanation as a person would give it: what is the matter first, then who is there, then what will change. */
export function textOf(explanation: Omit<Explanation, 'text'>, mode: Mode): string[] {
  const { position, waiting, waitedMs, groups } = explanation;
  return [
    `Waits for ${seconds(waitedMs)} in ${mode.name}: ${position} of ${waiting} by age.`,
    forecastLine(explanation),
    ...reachLines(explanation),
    ...groups.map((group) => groupLine(group, explanation, mode)),
    ...needLines(explanation),
    ...explanation.changes.map(({ change, inMs }) => `In ${seconds(inMs)} ${changeTexts[change]}.`),
  ];
}

const changeTexts = {
  'smaller-matches': 'a smaller match will do',
  'without-roles': 'teams may lack roles',
  anyone: 'it may play with anyone, whatever skill and latency say',
};

function forecastLine({ forecast, backfills }: Omit<Explanation, 'text'>): string {
  switch (forecast.kind) {
    case 'unknown':
      return 'So many wait that only the nearest are told of here.';
    case 'never':
      return 'It is not matched before another player comes: waiting alone does not help.';
    case 'not-before':
      return `If nobody comes and nobody leaves, it is not matched within ${seconds(forecast.inMs)}.`;
    case 'match': {
      const { inMs, players, isBackfill, skillGap } = forecast;
      const when = inMs === 0 ? 'it is matched by the next pass' : `it is matched in ${seconds(inMs)}`;
      const gap = skillGap > 0 ? `, ${points(skillGap)} apart at most` : '';
      if (isBackfill)
        return `If nobody comes and nobody leaves, ${when}, into one of ${backfills} running matches${gap}.`;
      return `If nobody comes and nobody leaves, ${when}, in a match of ${players}${gap}.`;
    }
  }
}

function reachLines({ window, regions, region }: Omit<Explanation, 'text'>): string[] {
  const lines = window
    ? [`It now reaches from ${number(window.from)} to ${number(window.to)} in skill.`]
    : [];
  if (!regions) return lines;
  const accepted = regions.filter(({ isAccepted }) => isAccepted);
  const list = (ones: typeof regions): string =>
    ones
      .map((one) => `${one.region} (${number(one.latencyMs)} ms, limit ${number(one.limitMs)} ms)`)
      .join(', ');
  if (accepted.length === 0) return [...lines, `It is too far from every region: ${list(regions)}.`];
  const best = region === undefined ? '' : ` Most could play with it in ${region}.`;
  return [...lines, `It could play in ${list(accepted)}.${best}`];
}

function groupLine(group: CandidateGroup, { region }: Omit<Explanation, 'text'>, mode: Mode): string {
  const { rule, around, classes = [] } = group;
  const who = `${tickets(group.tickets)} (${classesText(classes)})`;
  if (rule === 'window')
    return `${who}: out of its window, the nearest by ${points(group.nearestBeyond ?? 0)}.${whenText(group)}`;
  if (rule === 'latency') {
    if (group.nearestBeyond === undefined)
      return `${who}: in its window, but it is too far from every region itself.`;
    return `${who}: too far from ${region ?? 'its regions'}, the nearest by ${number(group.nearestBeyond)} ms.${whenText(group)}`;
  }
  const reason = obstacle(rule, mode);
  if (around === 'other')
    return `${who}: it is in the window that they have by their longer wait, but ${reason} there.`;
  return rule === 'none' ? `${who}: allowed, and enough for a match.` : `${who}: allowed, but ${reason}.`;
}

function obstacle(rule: CandidateGroup['rule'], { teams, teamSize, roles }: Mode): string {
  switch (rule) {
    case 'team-size':
      return `too few for ${teams} ${teams === 1 ? 'team' : 'teams'} of ${teamSize}`;
    case 'party-size':
      return `their parties don't fill ${teams === 1 ? 'a team' : 'teams'} of ${teamSize} without being parted`;
    case 'roles':
      return `not every team gets its ${Object.keys(roles?.perTeam ?? {}).join(' and ')}`;
    case 'latency':
      return 'they are too far from every region';
    case 'window':
      return 'they are out of the window';
    case 'none':
      return 'a match is about to be formed';
  }
}

function needLines({ need, region }: Omit<Explanation, 'text'>): string[] {
  if (!need) return [];
  const { teams, teamSize, players, roles = {} } = need;
  const able = Object.entries(roles).map(([role, count]) =>
    players === 1 ? `for ${role}` : `${count} of them for ${role}`,
  );
  const where = region === undefined ? '' : `, near enough to ${region}`;
  const of = `${teams} ${teams === 1 ? 'team' : 'teams'} of ${teamSize}`;
  return [
    `For ${of} it would take ${players} more ${players === 1 ? 'player' : 'players'} who ${players === 1 ? 'comes' : 'come'} alone${able.length > 0 ? `, ${able.join(', ')}` : ''}, within its window${where}.`,
  ];
}

function whenText({ allowed = [], tickets: total }: CandidateGroup): string {
  if (allowed.length === 0) return ' Waiting alone never changes that.';
  const steps = allowed.map(({ inMs, tickets: count }, i) => {
    const all = count === total && total > 1 ? 'all' : String(count);
    return `${all} ${i === 0 ? 'allowed in' : 'in'} ${seconds(inMs)}`;
  });
  return ` ${steps.join(', ')}.`;
}

function classesText(classes: readonly CandidateClass[]): string {
  const texts = classes.map(({ partySize, tickets: count, roles = {} }) => {
    const kind =
      partySize === 1 ? `${count} alone` : `${count} ${count === 1 ? 'party' : 'parties'} of ${partySize}`;
    const able = Object.entries(roles).map(([role, players]) =>
      partySize === 1 ? role : `${players} ${role}`,
    );
    return able.length > 0 ? `${kind} for ${able.join(' or ')}` : kind;
  });
  return texts.join(', ');
}

const tickets = (count: number): string => `${count} ${count === 1 ? 'ticket' : 'tickets'}`;
const number = (value: number): string => String(Math.round(value * 10) / 10);
const points = (value: number): string => `${number(value)} ${value === 1 ? 'point' : 'points'}`;
const seconds = (ms: number): string => `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1).replace(/\.?0+$/, '')} s`;
