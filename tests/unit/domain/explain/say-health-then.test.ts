import { expect, test } from 'vitest'
import {
  type ClusterThen,
  candidatesThen,
  outageLines,
  sayHealthThen,
} from '../../../../server/domain/explain/say-health-then.ts'

const clock = (minute: number) => `2026-11-28T14:${String(minute).padStart(2, '0')}:00.000Z`
const outage = (from: number, until: number | null, status = 'UNHEALTHY') => ({
  status,
  from: clock(from),
  until: until === null ? null : clock(until),
})
const deployment = (url: string, outages: ReturnType<typeof outage>[] = [], knownFrom: string | null = null) => ({
  url,
  outages,
  knownFrom,
})
const cluster = (name: string, ...deployments: ReturnType<typeof deployment>[]): ClusterThen => ({
  cluster: { name },
  verdict: 'ELIGIBLE',
  deployments,
})
const short = (iso: string) => iso.slice(11, 16)
const say = (candidates: readonly ClusterThen[], at: number | null = null) =>
  sayHealthThen(candidates, at === null ? null : clock(at), short)

const edge = cluster('edge', deployment('e', [outage(10, 20), outage(20, 21, 'DEGRADED')]))
const hpc = cluster('hpc', deployment('h1', [outage(5, null)]), deployment('h2', [outage(12, 15)]))
const cloud = { ...cluster('cloud'), verdict: 'EXCLUDED' }

test('of the clusters that calls might go to is said whether their functions were well', () => {
  expect(say([cluster('edge', deployment('e')), cloud])).toEqual([
    'All functions of edge were well all the time, by their probes.',
  ])
  expect(say([edge, hpc])).toEqual(['Not all functions of edge and hpc were well all the time, by their probes:'])
  expect(say([edge, hpc], 4)).toEqual(['All functions of edge and hpc were well at 14:04, by their probes.'])
  expect(say([edge, hpc], 5)).toEqual(['Not all functions of edge and hpc were well at 14:05, by their probes:'])
  expect(say([cloud])).toEqual([])
})

test('what is not kept is said', () => {
  expect(say([cluster('edge'), cloud])).toEqual([
    'How the functions of edge were is not kept: those that it had then were removed.',
  ])
  const flapping = cluster('hpc', deployment('h', [], clock(30)))
  const gap = 'How h was before 14:30 is not kept any more.'
  const well = (when: string) => `As far as is kept all functions of hpc were well ${when}, by their probes.`
  expect(say([flapping])).toEqual([gap, well('all the time')])
  expect(say([flapping], 29)).toEqual([gap, well('at 14:29')])
  expect(say([flapping], 30)).toEqual(['All functions of hpc were well at 14:30, by their probes.'])
})

test('the last ones are told first, of a moment those of it, and who was down then is known', () => {
  const told = (at: number | null) =>
    outageLines([edge, hpc], at === null ? null : clock(at)).map(({ url, outage: { from } }) => `${url} ${short(from)}`)
  expect(told(null)).toEqual(['e 14:20', 'h2 14:12', 'e 14:10', 'h1 14:05'])
  expect(told(20)).toEqual(['e 14:20', 'h1 14:05'])
  const downAt = (at: number | null) =>
    candidatesThen(
      [edge, hpc, cloud].map((one) => ({ ...one, reasons: [] as { code: string; message: string }[] })),
      at === null ? null : clock(at),
    ).flatMap(({ cluster: { name }, verdict, reasons }) =>
      reasons.length > 0 ? [`${name} ${verdict} ${reasons[0]?.code}`] : [],
    )
  const [edgeDown, hpcDown] = ['edge EXCLUDED DEPLOYMENT_DOWN', 'hpc EXCLUDED DEPLOYMENT_DOWN']
  expect([9, 10, 12, 15, 20].map(downAt)).toEqual([[], [edgeDown], [edgeDown, hpcDown], [edgeDown], []])
  expect(downAt(null)).toEqual([])
})
