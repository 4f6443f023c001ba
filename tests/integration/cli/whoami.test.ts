import { expect, onTestFinished, test } from 'vitest'
import { runFado } from '../../support/commands.ts'
import { startTestWeb } from '../../support/web.ts'
import { fleet } from '../../support/world/fleet.ts'

test('fado whoami and the query viewer tell the token, its role and what it may do', async () => {
  const web = await startTestWeb()
  onTestFinished(() => web.stop())
  await fleet(web.pool).cluster('own', { zones: ['germany', 'edge'] })
  const make = async (name: string, role: string, zones: readonly string[] = []) =>
    (await web.mutate('tokenCreate', { name, role, zones }, 'secret')).secret as string
  async function whoami(token: string, ...more: string[]) {
    const { code, text } = await runFado({ url: web.url, admin: token }, ['whoami', ...more])
    return [code, text]
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
