import { isIPv4 } from 'node:net'
import { networkInterfaces } from 'node:os'
import { expect, test } from 'vitest'
import { probeDeployment } from '../../../server/faas/probe-deployment.ts'
import { forbiddenTargets } from '../../../server/forbidden-target.ts'

const forbidden = forbiddenTargets([8080, 10000])

test.for([
  '169.254.169.254',
  '::ffff:169.254.169.254',
  '::ffff:a9fe:a9fe',
  'fe80::1',
  'fd00:ec2::254',
  'fd00:ec2::23',
  'fd20:ce::254',
  '168.63.129.16',
  '64:ff9b::a9fe:a9fe',
  '64:ff9b::6464:64c8',
  '64:ff9b:1::a9fe:a9fe',
  'fd00:c1::a9fe:a9fe',
  'fd00:42::42',
])('nothing is called at %s', (address) => {
  expect(forbidden(address, 80)).toMatch(/^an address of this machine's network itself/)
})

test('FaDO does not call itself, by whatever name this machine has', () => {
  const own = Object.values(networkInterfaces()).flatMap((all) => all?.map(({ address }) => address) ?? [])
  const mapped = own.filter((address) => isIPv4(address)).map((address) => `::ffff:${address}`)
  for (const address of ['127.0.0.1', '127.9.9.9', '0.0.0.0', '::1', '::', '::ffff:127.0.0.1', ...own, ...mapped]) {
    if (address.startsWith('fe80')) continue
    expect(forbidden(address, 8080), address).toBe('FaDO itself (FADO_ALLOW_ANY_TARGET=1 allows it)')
    expect(forbidden(address, 8081), address).toBeUndefined()
  }
  expect(forbidden('10.0.0.1', 8080)).toBeUndefined()
})

test('a name that leads there is not called, also when it led elsewhere before', async () => {
  const target = { kind: 'HTTP', url: 'http://metadata.example', probePath: null, addresses: ['10.0.0.1'] } as const
  const probe = (addresses: string[]) =>
    probeDeployment(target, { resolve: async () => addresses, forbiddenTarget: forbidden })
  expect(await probe(['169.254.169.254'])).toEqual({
    addresses: [],
    trouble: {
      cause: 'UNREACHABLE',
      away: false,
      detail:
        "Calls may not go there: 169.254.169.254 is an address of this machine's network itself, where clouds keep secrets " +
        '(FADO_ALLOW_ANY_TARGET=1 allows it)',
    },
  })
  expect((await probe(['169.254.169.254', '127.0.0.1'])).addresses).toEqual(['127.0.0.1'])
})

test('what only looks like one of them is called', () => {
  for (const address of [
    '64:ff9b::a00:1',
    '64:ff9b::a83f:8111',
    '64:ff9c::a9fe:a9fe',
    '64:ff9b:1::a00:1',
    'fd00:c2::1',
    '168.63.129.17',
  ])
    expect(forbidden(address, 80), address).toBeUndefined()
})
