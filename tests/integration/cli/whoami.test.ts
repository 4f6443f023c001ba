import { expect, onTestFinished, test } from 'vitest'
import { type LocalCommands, runProgram } from '../../../server/cli/program.ts'
import { parseConfig } from '../../../server/config.ts'
import { startTestWeb } from '../../support/web.ts'
import { fleet } from '../../support/world/fleet.ts'

const none = async () => 1
const local: LocalCommands = { serve: none, demo: none, doctor: none, functionServer: none, envoyBootstrap: none }

test('fado whoami and the query viewer tell the token, its role and what it may do', async () => {
  const web = await startTestWeb()
  onTestFinished(() => web.stop())
  await fleet(web.pool).cluster('own', { zones: ['germany', 'edge'] })
  const make = async (name: string, role: string, zones: readonly string[] = []) =>
    (await web.mutate('tokenCreate', { name, role, zones }, 'secret')).secret as string
  async function whoami(token: string, ...more: string[]) {
    const printed: string[] = []
    const print = (text: string) => printed.push(text)
    const config = parseConfig({ FADO_URL: web.url, FADO_TOKEN: token })
    const readerGone = new AbortController().signal
    const options = { config, version: '1', local, print, printError: print, readerGone }
    const code = await runProgram(['whoami', ...more], options)
    return [code, ...printed]
  }
  expect(await whoami(web.admin)).toEqual([0, 'admin, role ADMIN: reads, changes, and makes tokens.'])
  const operator = await make('ci', 'OPERATOR', ['germany', 'edge'])
  expect(await whoami(operator)).toEqual([
    0,
    'ci, role OPERATOR: reads and changes, changes only within germany, edge.',
  ])
  const viewer = await make('wall', 'VIEWER')
  expect(await whoami(viewer)).toEqual([0, 'wall, role VIEWER: reads.'])
  const [code, text] = await whoami(viewer, '-o', 'json')
  expect([code, JSON.parse(String(text))]).toEqual([
    0,
    { name: 'wall', role: 'VIEWER', zones: [], mayChange: false, mayManageTokens: false },
  ])
  expect(await whoami('no-token-of-this-one')).toEqual([4, expect.stringContaining('does not take this token')])
})
