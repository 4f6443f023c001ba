import { expect, onTestFinished, test, vi } from 'vitest'
import { decisionSentence, type ExplainedDecision, isoTime, localTime, zoneWords } from '../../../app/_lib/decisions.ts'
import { moment } from '../../../app/_lib/format.ts'
import { decisionHref } from '../../../app/_lib/hrefs.ts'
import { plain } from '../../../app/_lib/parts.ts'

const from = '2026-11-28T14:05:00.000Z'
const decided = (clusters: readonly string[], change: Partial<ExplainedDecision> = {}, at: string | null = null) => {
  const candidates = ['hpc', 'edge', 'cloud'].map((name) => ({
    cluster: { id: name, name },
    verdict: clusters.includes(name) ? ('ELIGIBLE' as const) : ('EXCLUDED' as const),
    reasons: [],
    deployments: [],
  }))
  const decision = { bucketName: 'photos', lbPolicy: 'ROUND_ROBIN' as const, order: [], from, until: null, candidates }
  return plain(decisionSentence({ ...decision, ...change }, at))
}

test('a decision says where calls of its bucket went, and when', () => {
  expect(decided(['hpc', 'edge'])).toBe(
    `Calls of photos went to edge and hpc, spread by round_robin, since ${moment(from)}, and still do.`,
  )
  const until = '2026-11-28T15:00:00.000Z'
  expect(decided(['hpc', 'edge'], { order: ['hpc', 'edge'], lbPolicy: 'FIRST', until })).toBe(
    `Calls of photos went to hpc and edge, spread by first, asked in this order, from ${moment(from)} until ${moment(until)}.`,
  )
  const candidates = ['hpc', 'edge'].map((name) => ({
    cluster: { id: name, name },
    verdict: 'ELIGIBLE' as const,
    reasons: [],
    deployments: [
      {
        url: name,
        knownFrom: null,
        outages: name === 'hpc' ? [{ status: 'UNHEALTHY' as const, from, until, detail: null }] : [],
      },
    ],
  }))
  expect(decided([], { candidates }, until)).toMatch(/^Calls of photos went to edge and hpc, .* still do\.$/)
  expect(decided([], { candidates }, '2026-11-28T14:30:00.000Z')).toMatch(
    /still do\. hpc got none at that time: its functions were down\.$/,
  )
  expect(decided([])).toContain('Calls of photos got 503, for no cluster could serve, since')
})

test('what is asked of the past has an address; times are typed in the reader\u2019s zone', () => {
  expect(decisionHref({ decision: 'Ab;first;try=1', bucket: 'photos', at: from })).toBe(
    '/routing?decision=Ab%3Bfirst%3Btry%3D1&bucket=photos&at=2026-11-28T14%3A05%3A00.000Z#explain',
  )
  expect(decisionHref({ decision: '', bucket: '' })).toBe('/routing?decision=#explain')
  expect(isoTime(localTime(from))).toBe(from)
  expect([localTime('yesterday'), isoTime('')]).toEqual(['', ''])
})

test.for([
  ['UTC', '2026-07-01T12:00:00', 'Local time: UTC.'],
  ['Europe/Berlin', '2026-07-01T12:00:00', 'Local time: Europe/Berlin, UTC+2.'],
  ['Europe/Berlin', '2026-12-01T12:00:00', 'Local time: Europe/Berlin, UTC+1.'],
  ['Asia/Tokyo', '', 'Local time: Asia/Tokyo, UTC+9.'],
] as const)('in %s a time %s is said to be one of there', ([zone, local, words]) => {
  vi.stubEnv('TZ', zone)
  onTestFinished(() => void vi.unstubAllEnvs())
  expect(zoneWords(local)).toBe(words)
})
