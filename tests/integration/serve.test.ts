import { expect, onTestFinished, test } from 'vitest'
import { findTarget } from '../../server/cli/connection.ts'
import { createPool } from '../../server/db/core/pool.ts'
import { startOf } from '../../server/process-table.ts'
import { eventually } from '../support/eventually.ts'
import { freshDatabase } from '../support/postgres.ts'
import { runServe as serve, untilGone } from '../support/run-serve.ts'
import { tempDir } from '../support/temp-dir.ts'
import { fleet } from '../support/world/fleet.ts'

test('the link that is printed signs in; the mover that dies is started again, and ends with the control plane', async () => {
  const stateDir = await tempDir()
  const started = await serve(await freshDatabase(), { FADO_STATE_DIR: stateDir }, { withToken: false })
  const { child, gone, mover, isReady, output, url } = started
  const found = () => findTarget({}, { stateDir, http: { address: '127.0.0.1', port: 1 } })
  await eventually('commands find it', async () => (await found()).url === `${url}/graphql`)
  const first = await mover()
  const [, link, token] = await eventually('the link is printed', () =>
    /(http:\S+)\/sign-in#token=(\S+)/.exec(output()),
  )
  expect(output().trimStart(), 'it speaks for itself').toMatch(/^Console /)
  const session = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ token }) }
  expect((await fetch(`${link}/api/session`, session)).ok).toBe(true)
  process.kill(first, 'SIGKILL')
  await untilGone(first)
  const second = await mover()
  expect(await isReady()).toBe(true)
  child.kill('SIGTERM')
  expect((await gone)[0]).toBe(0)
  expect(await startOf(second)).toBeUndefined()
  expect((await found()).url, 'it left nothing behind').toBe('http://127.0.0.1:1/graphql')
})

test('every master is looked at again once a control plane takes events, for nobody did before', async () => {
  const database = await freshDatabase()
  const pool = createPool(database, { max: 1, onError: () => undefined })
  onTestFinished(() => pool.end())
  const { store } = await fleet(pool).cluster('hpc')
  await store.bucket('photos')
  await serve(database)
  await eventually('it is noted', async () => {
    const { rows } = await pool.query<{ gap: boolean }>('SELECT gap_since IS NOT NULL AS gap FROM bucket')
    return rows[0]?.gap
  })
})

test('a control plane that is killed takes its mover with it', async () => {
  const { child, gone, mover } = await serve(await freshDatabase())
  const pid = await mover()
  child.kill('SIGKILL')
  await gone
  await untilGone(pid)
})

test('without a DATABASE_URL it brings a PostgreSQL of its own and leaves none behind', async () => {
  const { child, gone, mover } = await serve(undefined)
  await mover()
  child.kill('SIGINT')
  expect((await gone)[0]).toBe(0)
})

test('a wrong DATABASE_URL is one sentence without its password, and exit code 1', async () => {
  const refusal = await serve('postgresql://fado:geheim@127.0.0.1:1/fado').catch((error: Error) => error.message)
  expect(refusal).toMatch(/^1 fado: PostgreSQL cannot be used \(127\.0\.0\.1:1\/fado: .*\): check DATABASE_URL, .*$/)
  expect(refusal).not.toContain('geheim')
})
