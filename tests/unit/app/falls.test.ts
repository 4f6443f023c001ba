import { expect, test } from 'vitest'
import {
  type Candidate,
  fallLines,
  fallsOf,
  folded,
  leftAfter,
  rules,
  rulesOfDecisions,
} from '../../../app/_lib/falls.ts'

const candidate = (name: string, ...codes: string[]): Candidate => ({
  cluster: { id: name, name },
  url: '',
  verdict: codes.length === 0 ? 'ELIGIBLE' : 'EXCLUDED',
  reasons: codes.map((code) => ({ code, message: `${name}: ${code}` })),
})

test('a candidate falls at the first rule that stops it, and is told why by that one alone', () => {
  const falls = fallsOf([
    candidate('a', 'NO_FUNCTIONS', 'NO_COPY'),
    candidate('b'),
    candidate('c', 'ZONE_FORBIDS', 'NO_FUNCTIONS'),
    candidate('d', 'DEPLOYMENT_DOWN'),
    candidate('e', 'FROM_A_LATER_FADO'),
    candidate('f', 'CALLER_REFUSED', 'ZONE_FORBIDS'),
  ])
  expect(falls.map(({ candidate: { cluster }, stop, why }) => [cluster.name, rules[stop]?.title, why])).toEqual([
    ['b', undefined, ''],
    ['e', 'Its turn', 'e: FROM_A_LATER_FADO'],
    ['d', 'Answers', 'd: DEPLOYMENT_DOWN'],
    ['a', 'Has a copy', 'a: NO_COPY'],
    ['c', 'Allowed', 'c: ZONE_FORBIDS'],
    ['f', 'For the caller', 'f: CALLER_REFUSED'],
  ])
  expect(rules.map((_rule, i) => leftAfter(falls, i))).toEqual([5, 4, 3, 3, 2, 2, 1])
})

test('of a large fleet those that fall early are counted, and all others shown', () => {
  const many = [
    ...Array.from({ length: 30 }, (_, i) => candidate(`far-${i}`, 'ZONE_FORBIDS')),
    ...Array.from({ length: 19 }, (_, i) => candidate(`empty-${i}`, 'NO_COPY')),
    candidate('stale', 'TOO_STALE'),
    candidate('serves'),
  ]
  const { lines, counted } = folded(fallsOf(many))
  expect(lines.map((line) => line.candidate.cluster.name)).toEqual(['serves', 'stale'])
  expect(counted).toEqual([0, 30, 19])
  expect(folded(fallsOf(many.slice(0, 3))).counted).toEqual([])
})

test('one sentence that stops several is told once, and not again where it stands above', () => {
  const refused = (name: string): Candidate => ({
    ...candidate(name, 'CALLER_UNPROVEN'),
    reasons: [{ code: 'CALLER_UNPROVEN', message: 'Nothing proves who calls' }],
  })
  const falls = fallsOf([refused('cloud'), candidate('x', 'NO_COPY'), refused('edge'), candidate('a'), candidate('b')])
  const told = (said?: string) =>
    fallLines(falls, rules, said).map(({ candidates, why }) => [
      candidates.map(({ cluster }) => cluster.name).join(),
      why,
    ])
  expect(told()).toEqual([
    ['a', ''],
    ['b', ''],
    ['x', 'x: NO_COPY'],
    ['cloud,edge', 'Nothing proves who calls'],
  ])
  expect(told('Nothing proves who calls').at(-1)).toEqual(['cloud,edge', 'not for the caller'])
})

test('of a decision clusters fall by what does not depend on the call', () => {
  const falls = fallsOf(
    [candidate('a'), candidate('b', 'NO_FUNCTIONS'), candidate('c', 'ZONE_FORBIDS')],
    rulesOfDecisions,
  )
  expect(falls.map(({ stop }) => rulesOfDecisions[stop]?.title)).toEqual([undefined, 'Answers', 'Allowed'])
  const many = Array.from({ length: 30 }, (_, i) => candidate(`far-${i}`, 'NO_COPY'))
  expect(folded(fallsOf(many, rulesOfDecisions), rulesOfDecisions)).toEqual({ lines: [], counted: [0, 30] })
})
