import { expect, test } from 'vitest'
import { curesOf } from '../../../../server/cli/doctor.ts'
import { callersFinding, linksFinding, refusingOf, uncheckedOf } from '../../../../server/cli/doctor-fleet.ts'

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

test('whose certificate is not checked is named, with the command that changes it', () => {
  const hint = [{ code: 'CERTIFICATE_UNCHECKED', message: 'not checked' }]
  const stores = [
    { name: 'hpc', hints: hint },
    { name: 'edge', hints: [] },
  ]
  const functions = [{ id: 'id', url: 'https://f', hints: hint }]
  expect(uncheckedOf(stores, functions).map(({ name, command }) => [name, command])).toEqual([
    ['hpc', 'store update hpc'],
    ['https://f', 'function update id'],
  ])
})

test('a platform that answers its probes and refuses the key is in trouble', () => {
  const health = { status: 'HEALTHY', cause: null, detail: null, since: null } as const
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
    cure: expect.stringContaining('fado policy set callers=') as string,
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
