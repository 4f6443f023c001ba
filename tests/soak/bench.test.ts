// The benchmarks that take longest, with few of everything: tests/integration/bench has the others.
import { expect, test } from 'vitest'
import { backlog } from '../../bench/backlog.ts'
import { burst } from '../../bench/burst.ts'
import { movers } from '../../bench/movers.ts'
import { propagationReal } from '../../bench/propagation-real.ts'

test('what is published of propagation with real stores can be measured', async () => {
  const sample = {
    buckets: 12,
    shape: { masters: 1, others: 4, classes: 4 },
    objects: 1,
    pairs: 3,
    callsPerSecond: 50,
    edits: 12,
  }
  const { rows } = await propagationReal(sample)
  const alike = { buckets: 12, samples: 3, failed: 0 }
  expect(rows).toMatchObject([
    { stores: 'answer', ...alike },
    { stores: 'real', ...alike },
    { stores: 'answer', ...alike },
  ])
  for (const what of ['p50 of answering', 'new class p50 of answering', 'cluster leaves s'])
    expect(rows[1]?.[what]).toBeGreaterThan(0)
}, 180_000)

test('what is published of two movers can be measured', async () => {
  const { rows } = await movers({ roundTripsMs: [0, 10], objects: 20, bytes: 4_096, rounds: 1 })
  expect(rows).toMatchObject([{ 'round trip ms': 0 }, { 'round trip ms': 10 }])
  for (const row of rows) expect(row['two of one']).toBeGreaterThan(0)
}, 180_000)

test('what is published of a backlog can be measured: as many copies as keys, however many writes', async () => {
  const { rows } = await backlog({ keys: 20, bytes: 4_096, writes: 2_000, puts: 60, samples: 5 })
  expect(rows).toMatchObject([
    { of: 'nothing', changes: 10 },
    { of: 'the backlog drains', 'rows that waited': 20, copies: 20 },
  ])
  expect(rows[1]?.['quiet takes of idle']).toBeGreaterThan(0)
}, 180_000)

test('what is published of a burst can be measured', async () => {
  const { rows } = await burst({ objects: 20, bytes: 4_096, rounds: 1 })
  expect(rows).toMatchObject([{ of: 'nothing' }, { of: 'burst' }, { of: 'first copies' }])
  expect(rows[1]?.['takes of first copies']).toBeGreaterThan(0)
  for (const row of rows)
    for (const what of ['answers p99 ms', 'ACKs p99 ms', 'in force p99 ms']) expect(row[what]).toBeGreaterThan(0)
}, 180_000)
