import { expect, test } from 'vitest'
import { type Content, createHistory } from '../../support/churn/history.ts'
import { type Answer, type Call, type Facts, type Fault, judge } from '../../support/churn/judge.ts'

const content = (mark: string): Content => ({
  sha256: mark,
  size: mark.length,
  contentType: 'text/plain',
  metadata: {},
  tags: {},
})
const call = (begun: number): Call => ({ bucket: 'b', key: 'k', function: 'sha256', begun, ended: begun + 10 })
const answer = (sha256: string): Answer => ({
  status: 200,
  servedBy: 'edge',
  body: { cluster: 'edge', sha256 },
  text: '',
})
const absent: Answer = { status: 404, servedBy: 'edge', body: { cluster: 'edge' }, text: '' }
const functionFailed: Answer = { status: 502, servedBy: 'edge', body: { cluster: 'edge' }, text: 'the store is away' }
const nobody: Answer = { status: 503, servedBy: null, body: null, text: 'nobody can serve' }
const tooSlow: Answer = { status: 504, servedBy: 'edge', body: null, text: 'too slow' }

const rules = { masterCluster: 'hpc', maxStaleness: 10_000, mayStandAlone: false }

/** `one` from 1 000 on, `two` from 50 000 on. */
function facts(more: Partial<Facts> = {}): Facts {
  const history = createHistory()
  history.done(history.begin(content('one'), 1_000), 1_100)
  history.done(history.begin(content('two'), 50_000), 50_100)
  return { rules, history, faults: [], ...more }
}
const verdict = (begun: number, outcome: Parameters<typeof judge>[1], more: Partial<Facts> = {}) =>
  judge(call(begun), outcome, facts(more)).verdict

test('what the master has is right, and so is what it had a moment ago', () => {
  expect(verdict(60_000, answer('two'))).toBe('right')
  expect(judge(call(55_000), answer('one'), facts())).toEqual({ verdict: 'right', staleMs: 4_900 })
})

test('what the master has not had for longer than max_staleness is wrong, and so is what it never had', () => {
  expect(verdict(64_000, answer('one'))).toBe('right')
  expect(verdict(66_000, answer('one'))).toBe('wrong')
  expect(verdict(60_000, answer('other'))).toBe('wrong')
  expect(verdict(40_000, answer('two')), 'before it was written').toBe('wrong')
})

test('an object that is not there is wrong where the master has long had it, right where it was deleted', () => {
  expect(verdict(40_000, absent)).toBe('wrong')
  const history = createHistory()
  history.done(history.begin(content('one'), 1_000), 1_100)
  history.done(history.begin(null, 2_000), 2_100)
  expect(verdict(40_000, absent, { history })).toBe('right')
  expect(verdict(40_000, answer('one'), { history })).toBe('wrong')
})

test('a copy that was made anew has all that the master had when it was asked for', () => {
  expect(verdict(55_000, answer('one'), { copyAskedFor: 54_000 })).toBe('wrong')
  expect(verdict(55_000, answer('one'), { copyAskedFor: 49_000 })).toBe('right')
})

test('while a write is not known to be done both are right, and one that never was is wrong', () => {
  const history = createHistory()
  history.done(history.begin(content('one'), 1_000), 1_100)
  const cutOff = history.begin(content('two'), 2_000)
  for (const mark of ['one', 'two']) expect(verdict(40_000, answer(mark), { history })).toBe('right')
  history.undone(cutOff)
  expect(verdict(40_000, answer('two'), { history })).toBe('wrong')
})

test('changes can stay unknown while the control plane, the database or the master is away, and a moment longer', () => {
  const away = (part: Fault['part'], backAt: number): Fault => ({ part, at: 49_000, backAt })
  for (const part of ['server', 'postgres', 'store hpc'] as const) {
    expect(verdict(70_000, answer('one'), { faults: [away(part, 55_000)] })).toBe('right')
    expect(verdict(80_000, answer('one'), { faults: [away(part, 55_000)] })).toBe('wrong')
  }
  expect(verdict(70_000, answer('one'), { faults: [away('mover', 55_000)] })).toBe('wrong')
  expect(verdict(70_000, answer('one'), { faults: [away('store edge', 55_000)] })).toBe('wrong')
  const chain: Fault[] = [away('server', 55_000), { part: 'postgres', at: 60_000, backAt: 70_000 }]
  expect(verdict(85_000, answer('one'), { faults: chain })).toBe('right')
})

test('a function may fail for 6 s after its store died, and no longer', () => {
  const faults: Fault[] = [{ part: 'store edge', at: 60_000 }]
  for (const failure of [functionFailed, tooSlow]) {
    expect(verdict(65_000, failure, { faults })).toBe('excused')
    expect(verdict(67_000, failure, { faults })).toBe('wrong')
    expect(verdict(61_000, failure)).toBe('wrong')
  }
  expect(verdict(61_000, functionFailed, { faults: [{ part: 'store hpc', at: 60_000 }] })).toBe('wrong')
})

test('calls may be lost for 6 s after the proxy died', () => {
  const faults: Fault[] = [{ part: 'envoy', at: 60_000, backAt: 61_000 }]
  expect(verdict(60_500, { failed: 'ECONNREFUSED' }, { faults })).toBe('excused')
  expect(verdict(68_000, { failed: 'ECONNREFUSED' }, { faults })).toBe('wrong')
  expect(verdict(60_500, { failed: 'ECONNREFUSED' }, { faults: [{ part: 'server', at: 60_000 }] })).toBe('wrong')
})

test('a proxy that was stopped may say when it goes on that time is over, a function may not fail for that', () => {
  const faults: Fault[] = [{ part: 'envoy', at: 60_000, heldUntil: 73_000, backAt: 73_100 }]
  expect(verdict(70_000, tooSlow, { faults })).toBe('excused')
  expect(verdict(80_000, tooSlow, { faults })).toBe('wrong')
  expect(verdict(70_000, functionFailed, { faults })).toBe('wrong')
})

test('while the control plane or the database is away as well, what failed goes on failing', () => {
  const server: Fault = { part: 'server', at: 58_000, backAt: 70_000 }
  const store: Fault = { part: 'store edge', at: 60_000 }
  const envoy: Fault = { part: 'envoy', at: 60_000, backAt: 71_000 }
  expect(verdict(75_000, functionFailed, { faults: [server, store] })).toBe('excused')
  expect(verdict(80_000, functionFailed, { faults: [server, store] })).toBe('wrong')
  expect(verdict(69_000, { failed: 'ECONNREFUSED' }, { faults: [server, envoy] })).toBe('excused')
  expect(verdict(69_000, { failed: 'ECONNREFUSED' }, { faults: [{ ...server, backAt: 59_000 }, envoy] })).toBe('wrong')
})

test('nobody to serve is wrong unless the bucket may be alone with a master that is away', () => {
  const faults: Fault[] = [{ part: 'store hpc', at: 60_000 }]
  expect(verdict(70_000, nobody, { faults })).toBe('wrong')
  expect(verdict(70_000, nobody, { faults, rules: { ...rules, mayStandAlone: true } })).toBe('excused')
  expect(verdict(70_000, nobody, { rules: { ...rules, mayStandAlone: true } })).toBe('wrong')
  const two: Fault[] = [...faults, { part: 'store edge', at: 60_000 }]
  expect(verdict(70_000, nobody, { faults: two }), 'two stores away').toBe('excused')
})

test('the cluster that the header names is the one that answered', () => {
  expect(verdict(60_000, { ...answer('two'), servedBy: 'cloud' })).toBe('wrong')
})
