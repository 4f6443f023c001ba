import { expect, test } from 'vitest'
import { curesOf } from '../../../../server/cli/doctor.ts'
import { callersFinding, linksFinding, notesOf, refusingOf } from '../../../../server/cli/doctor-fleet.ts'

const link = (to: string, movers: number, copies = 1) => ({ from: { name: 'hpc' }, to: { name: to }, movers, copies })

test('links that no mover serves are broken and named, but for those that no copy needs', () => {
  const none = { state: 'ok', detail: 'no store has copies of another, so none is needed' }
  expect(linksFinding('movers', [])).toMatchObject(none)
  expect(linksFinding('movers', [link('left', 0, 0)])).toMatchObject(none)
  expect(linksFinding('movers', [link('edge', 2), link('lab', 1), link('left', 0, 0)])).toMatchObject({
    ...{ state: 'ok', cure: null },
    detail: '2 links between stores with copies, and a mover for each',
  })
  expect(linksFinding('movers', [link('edge', 0), link('lab', 1), link('cloud', 0)])).toEqual({
    part: 'movers',
    state: 'broken',
    detail: 'none serves hpc -> edge and hpc -> cloud: what changes does not come to the copies there',
    cure: expect.stringContaining('fado serve --role mover') as string,
  })
})

test('what works and should be known of is told with a command: each kind once, with all that it is of', () => {
  const hint = (code: string) => [{ code, message: code }]
  const store = (name: string, state: 'BELIEVED' | 'SILENT', hints: ReturnType<typeof hint> = []) => ({
    ...{ name, hints },
    events: { state },
  })
  const stores = [store('hpc', 'SILENT', hint('CERTIFICATE_UNCHECKED')), store('edge', 'BELIEVED')]
  const functions = [
    { id: 'a', url: 'https://f', hints: hint('CERTIFICATE_UNCHECKED') },
    { id: 'b', url: 'http://g', hints: hint('NOT_THE_PLATFORM') },
  ]
  expect(notesOf(stores, functions).map(({ said, cure }) => [said, cure])).toEqual([
    ['hpc changed and did not tell, so looks are frequent', 'fado store events hpc'],
    ['the certificate of hpc, https://f is not checked', 'fado store update hpc --ca-file FILE --no-skip-tls-verify'],
    ['http://g may be another platform than it is taken for', 'fado get functions says why'],
  ])
  expect(notesOf([], functions.slice(0, 1))[0]?.cure).toBe('fado function update a --ca-file FILE --no-skip-tls-verify')
  expect(notesOf([store('edge', 'BELIEVED')], [])).toEqual([])
})

test('a platform that answers its probes and refuses the key is in trouble', () => {
  const health = { status: 'HEALTHY', cause: null, detail: null, since: null, backAt: null } as const
  const refuses = { code: 'PLATFORM_REFUSES', message: 'It refuses the key' }
  const functions = [
    { url: 'http://well', health, hints: [{ code: 'SECRET_UNENCRYPTED', message: 'open' }] },
    { url: 'http://f', health, hints: [refuses] },
  ]
  expect(refusingOf(functions)).toEqual(['http://f HEALTHY, in trouble (It refuses the key)'])
})

test('buckets on which nobody may call are broken and named', () => {
  expect(callersFinding('callers', [], 0)).toMatchObject({ state: 'ok', detail: 'somebody may call on each bucket' })
  expect(callersFinding('callers', ['a', 'b', 'c', 'd', 'e', 'f'], 9)).toMatchObject({
    state: 'broken',
    detail: 'nobody may call a, b, c, d and 5 more: the policy callers names no caller that there is',
    cure: expect.stringMatching(/fado policy set callers=.*fado caller create NAME --key$/) as string,
  })
})

test('a cure of several parts is said once, with all of them', () => {
  const [database, mover] = ['see that its PostgreSQL runs', 'start one']
  const found = [
    { part: 'PostgreSQL', cure: null },
    { part: 'stores and functions', cure: database },
    { part: 'movers', cure: mover },
    { part: 'callers', cure: database },
  ]
  expect(curesOf(found)).toEqual([`stores and functions, callers: ${database}`, `movers: ${mover}`])
})
