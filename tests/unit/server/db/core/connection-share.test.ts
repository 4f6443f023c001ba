import { expect, test } from 'vitest'
import { parseConfig } from '../../../../../server/config.ts'
import { connectionShare } from '../../../../../server/db/core/connection-share.ts'

test('a control plane and its mover never have more connections together than they may, and each pool has some', () => {
  for (let total = 14; total <= 60; total++) {
    const [control, mover] = [connectionShare('control', total), connectionShare('mover', total)]
    // LISTEN, leadership, locks and a question; LISTEN and a question
    expect(control.max + 4 + mover.max + mover.lazyMax + 2).toBeLessThanOrEqual(total)
    for (const size of [control.max, mover.max, mover.lazyMax]) expect(size).toBeGreaterThanOrEqual(2)
  }
})

test('fewer connections than they need are refused by name', () => {
  expect(parseConfig({}).databaseConnections).toBe(20)
  expect(() => parseConfig({ FADO_DATABASE_CONNECTIONS: '13' })).toThrow(/FADO_DATABASE_CONNECTIONS .* at least 14/)
})
