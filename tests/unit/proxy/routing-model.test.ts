import { expect, test } from 'vitest'
import { createRoutingModel } from '../../../proxy/routing-model.ts'
import { contentId } from '../../../server/content-id.ts'
import type { RouteTable } from '../../../server/domain/route/routing-table.ts'

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
