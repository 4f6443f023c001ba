import { expect, test } from 'vitest'
import { createRoutingModel } from '../../../proxy/routing-model.ts'
import { contentId } from '../../../server/content-id.ts'
import type { FaasEndpoint, RouteTable } from '../../../server/domain/route/routing-table.ts'

const table: RouteTable = { clusters: ['edge', 'hpc'], lbPolicy: 'random', timeoutMs: 1000 }

test('tables that differ in anything are two, also where this version does not know the field; the same content is one', () => {
  const model = createRoutingModel({ retireMs: 1000, leaseMs: 60_000 })
  const later = (retries: number) => ({ ...table, retries }) as RouteTable
  const tables = [
    table,
    later(1),
    later(2),
    { timeoutMs: 1000, lbPolicy: 'random', clusters: ['hpc', 'edge'] } as const,
  ]
  const { changed } = model.setRoutes(
    tables.map((one, i) => ({ bucket: `b${i}`, number: i + 1, table: one })),
    0,
  )
  expect(changed).toHaveLength(4)
  const ids = tables.map((_, i) => model.routes.get(`b${i}`)?.entry.id)
  expect(ids).toEqual([contentId(table), contentId(later(1)), contentId(later(2)), contentId(table)])
  expect(model.tables.size).toBe(3)
})

test("a first Lambda's whole bodies do not wait for endpoints: their labels are those that they had", () => {
  const model = createRoutingModel({ retireMs: 1000, leaseMs: 60_000 })
  const known: FaasEndpoint = {
    ...({ id: '1', cluster: 'edge', kind: 'OPENFAAS', url: 'http://10.0.0.1:80', addresses: ['10.0.0.1'] } as const),
    ...({ weight: 1, health: 'healthy', functions: ['resize'] } as const),
  }
  model.setEndpoints([known])
  model.setRoutes([{ bucket: 'photos', number: 1, table: { ...table, lbPolicy: 'round_robin' } }], 0)
  const since = model.labelledSince('round_robin')
  model.setEndpoints([known, { ...known, id: '2', kind: 'AWS_LAMBDA' }])
  expect(model.forAllCalls()).toMatchObject({ wholeBodies: true, byFunction: true })
  expect(model.labelledSince('round_robin')).toBe(since)
})
