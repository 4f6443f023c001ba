import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { plainTls } from '../../../../server/domain/fleet/faas-auth.ts'
import type { FaasKind } from '../../../../server/domain/fleet/platform.ts'
import { listFunctions } from '../../../../server/faas/list-functions.ts'
import { anyTarget } from '../../../../server/forbidden-target.ts'

/** What a platform is taken to have that answers so to each question. */
async function listed(kind: FaasKind, answer: (asked: number) => unknown, pathTemplate: string | null = null) {
  let asked = 0
  const server = createServer((_request, response) => void response.end(JSON.stringify(answer(++asked))))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const deployment = { kind, url, pathTemplate, auth: null, tls: plainTls, credentials: {} }
  const functions = await listFunctions({ forbiddenTarget: anyTarget }, deployment, AbortSignal.timeout(20_000))
  return { functions, asked }
}

test('a platform with more functions than FaDO takes may have any: some of them are no answer', async () => {
  const names = (count: number) => Array.from({ length: count }, (_, i) => ({ name: `f${i}` }))
  expect((await listed('OPENFAAS', () => names(1_000))).functions).toHaveLength(1_000)
  expect(await listed('OPENFAAS', () => names(1_001))).toEqual({ functions: undefined, asked: 1 })
})

test('so does one that tells more pages than FaDO asks for', async () => {
  const page = (last: number) => (asked: number) => ({
    Functions: [{ FunctionName: `f${asked}` }],
    NextMarker: asked < last ? 'more' : null,
  })
  expect((await listed('AWS_LAMBDA', page(40))).functions).toHaveLength(40)
  expect(await listed('AWS_LAMBDA', page(41))).toEqual({ functions: undefined, asked: 40 })
})

test('where a deployment is one function its platform is not asked for others', async () => {
  const all = () => [{ name: 'resize' }]
  expect(await listed('OPENFAAS', all, '/resize{rest}')).toEqual({ functions: undefined, asked: 0 })
  expect(await listed('OPENFAAS', all, '/f/{name}{rest}')).toEqual({ functions: ['resize'], asked: 1 })
})
