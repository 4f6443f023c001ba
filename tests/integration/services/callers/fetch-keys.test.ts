// Where the keys of issuers are asked for: never where no call may go, whatever a name means from one moment to the next.
import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { anyTarget, forbiddenTargets } from '../../../../server/forbidden-target.ts'
import { fetchKeys } from '../../../../server/services/callers/fetch-keys.ts'
import { keySet, signingKey } from '../../../support/tokens.ts'

const metadata = '169.254.169.254'

/** Names become these addresses, one question after the other; the last ones again and again. */
function resolving(...answers: readonly (readonly string[])[]) {
  let asked = 0
  const resolve = async () => {
    const found = answers[Math.min(asked++, answers.length - 1)] ?? []
    return found.map((address) => ({ address, family: 4 }))
  }
  return { resolve, asked: () => asked }
}

async function issuer(handle?: http.RequestListener) {
  let calls = 0
  const server = http.createServer((request, response) => {
    calls++
    if (handle) handle(request, response)
    else response.end(keySet(signingKey('k1')))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, calls: () => calls }
}

test('a name is asked for once: what is connected to is what was judged', async () => {
  const { port, calls } = await issuer()
  const url = `http://keys.example:${port}/keys`
  const forbiddenTarget = forbiddenTargets([])
  const first = resolving(['127.0.0.1'], [metadata])
  expect(await fetchKeys({ forbiddenTarget, resolve: first.resolve }, url)).toContain('"k1"')
  expect([first.asked(), calls()]).toEqual([1, 1])
  for (const found of [[metadata], ['127.0.0.1', metadata]])
    await expect(fetchKeys({ forbiddenTarget, resolve: resolving(found).resolve }, url)).rejects.toThrow(
      /^No keys at http:.*: it is an address of this machine's network itself/,
    )
  const own = forbiddenTargets([port])
  await expect(
    fetchKeys({ forbiddenTarget: own, resolve: first.resolve }, `http://127.0.0.1:${port}/`),
  ).rejects.toThrow('it is FaDO itself')
  expect(calls()).toBe(1)
})

test('what leads elsewhere is not followed, and what is no set of keys is told', async () => {
  const elsewhere = await issuer()
  const leads = await issuer((_request, response) => {
    response.writeHead(302, { location: `http://127.0.0.1:${elsewhere.port}/` }).end()
  })
  const ask = (port: number) => fetchKeys({ forbiddenTarget: anyTarget }, `http://127.0.0.1:${port}/`)
  await expect(ask(leads.port)).rejects.toThrow('it answers 302')
  expect(elsewhere.calls()).toBe(0)
  const cut = await issuer((_request, response) => void response.write('{', () => response.destroy()))
  await expect(ask(cut.port)).rejects.toThrow(/^No keys at /)
})
