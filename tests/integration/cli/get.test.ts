import { expect, onTestFinished, test } from 'vitest'
import { type LocalCommands, runProgram } from '../../../server/cli/program.ts'
import { parseConfig } from '../../../server/config.ts'
import { startTestWeb } from '../../support/web.ts'
import { fleet } from '../../support/world/fleet.ts'

const none = async () => 1
const local: LocalCommands = { serve: none, demo: none, doctor: none, functionServer: none, envoyBootstrap: none }

test('fado get buckets says of a bucket that it is being deleted, and sizes as the console says them', async () => {
  const web = await startTestWeb()
  onTestFinished(() => web.stop())
  const rows = fleet(web.pool)
  const hpc = await rows.cluster('hpc')
  await hpc.store.bucket('stays')
  await hpc.store.bucket('goes')
  await web.pool.query(`UPDATE bucket SET placement_condition = 'PLACED', objects = 3, bytes = 9437184`)
  await web.pool.query(`UPDATE bucket SET state = 'deleting' WHERE name = 'goes'`)
  const printed: string[] = []
  const print = (text: string) => printed.push(text)
  const config = parseConfig({ FADO_URL: web.url, FADO_TOKEN: web.admin })
  const readerGone = new AbortController().signal
  await runProgram(['get', 'buckets'], { config, version: '1', local, print, printError: print, readerGone })
  const lines = printed.join('\n').split('\n')
  expect(lines.find((line) => line.startsWith('goes'))).toMatch(/9\.4 MB +DELETING/)
  expect(lines.find((line) => line.startsWith('stays'))).toMatch(/9\.4 MB +PLACED/)
})
