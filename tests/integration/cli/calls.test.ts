import { expect, onTestFinished, test } from 'vitest'
import { writeCallWindow } from '../../../server/db/proxies/call-windows.ts'
import { createTally, tallyLimits } from '../../../server/domain/calls/tally.ts'
import { runFado } from '../../support/commands.ts'
import { startTestWeb } from '../../support/web.ts'
import { fleet } from '../../support/world/fleet.ts'

test('fado get calls shows the last minute by bucket and cluster, and of one bucket by function', async () => {
  const web = await startTestWeb()
  onTestFinished(() => web.stop())
  async function fado(...args: string[]) {
    const { code, text } = await runFado(web, args)
    return [code, text] as const
  }
  const hpc = await fleet(web.pool).cluster('hpc', { urls: ['http://10.0.0.1:8080'] })
  await hpc.store.bucket('photos')
  const { rows } = await web.pool.query<{ id: string }>('SELECT id FROM faas_deployment')
  const tally = createTally(tallyLimits)
  const about = { bucket: 'photos', deployment: rows[0]?.id ?? '', function: 'resize' }
  const call = { weight: 1, ...about, status: 200, ms: 7, retries: 0 }
  for (let n = 0; n < 90; n++) tally.add({ ...call, whose: null })
  for (let n = 0; n < 30; n++) tally.add({ ...call, status: 500, whose: 'function' })
  for (let n = 0; n < 6; n++) tally.add({ ...call, status: 403, whose: 'caller' })
  for (let n = 0; n < 12; n++) tally.add({ ...call, status: 0, function: 'unheard', whose: 'gone' })
  await writeCallWindow(web.pool, tally.take())

  const [code, all] = await fado('get', 'calls')
  expect(code).toBe(0)
  expect(all).toMatch(/^BUCKET +CLUSTER .*CALLS\/S +P50 +P95 +P99/)
  expect(all).toMatch(/REFUSED\/S +GIVEN UP\/S +RETRIES\/S/)
  expect(all).toMatch(/\nphotos +hpc +\(all\) +- +2\.3 +7 ms +7 ms +7 ms +0\.5 +0 +0 +0 +0\.1 +0\.2 +0$/)
  expect((await fado('get', 'calls', 'photos'))[1]).toMatch(
    /\nphotos +hpc +\(all\) .*\nphotos +hpc +resize +http:\/\/10\.0\.0\.1:8080 +2\.1 .*\nphotos +hpc +\(others\) +http:\/\/10\.0\.0\.1:8080 +0\.2 .* 0\.2 +0$/,
  )
  expect(JSON.parse((await fado('get', 'calls', '--output', 'json'))[1])).toMatchObject([
    { bucket: 'photos', callsPerSecond: 2.3, refused: 0.1, givenUp: 0.2, function: null },
  ])
  expect(await fado('get', 'calls', 'nowhere')).toEqual([3, expect.stringContaining('There is no bucket nowhere')])
})
