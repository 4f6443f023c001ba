import { expect, test } from 'vitest'
import { parseConfig } from '../../../../server/config.ts'
import { demoPorts, portUses } from '../../../../server/demo/demo-ports.ts'

const numbers = (env: Record<string, string>) => portUses(demoPorts(parseConfig(env))).map(({ port }) => port)

test('without settings the ports are those of the documentation', () => {
  expect(numbers({})).toEqual([8080, 18000, 10000, 9901, 18001, 9010, 9020, 9030, 9101, 9102, 9103])
})

test('a base moves every port into its hundred, none twice', () => {
  const ports = numbers({ FADO_DEMO_PORT_BASE: '20000', FADO_HTTP_PORT: '8080' })
  expect(new Set(ports).size).toBe(ports.length)
  for (const port of ports) expect(Math.floor(port / 100)).toBe(200)
})

test('single ports can be moved', () => {
  expect(numbers({ FADO_HTTP_PORT: '8081', FADO_POSTGRES_PORT: '5433' })).toEqual(
    expect.arrayContaining([8081, 5433, 18000]) as number[],
  )
})
