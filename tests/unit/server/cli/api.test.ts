import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { CliPolicySetDocument, CliTokensDocument } from '../../../../graphql/generated/operations.ts'
import { accepted, allPages, createApi } from '../../../../server/cli/api.ts'

/** An API that gives one answer, and what it was asked. */
async function answering(status: number, body: string) {
  const asked: { headers: unknown; body: string }[] = []
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += String(chunk)
    asked.push({ headers: request.headers, body: text })
    response.writeHead(status).end(body)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { asked, api: createApi({ url: `http://127.0.0.1:${port}/graphql`, token: 'secret-token' }) }
}

test('a query goes out with its token and comes back as data', async () => {
  const { api, asked } = await answering(200, '{"data":{"tokens":[]}}')
  expect(await api.run(CliTokensDocument, {})).toEqual({ tokens: [] })
  expect(asked[0]).toMatchObject({
    headers: { authorization: 'Bearer secret-token', 'content-type': 'application/json' },
  })
  expect(asked[0]?.body).toContain('query CliTokens')
})

test.for([
  ['a token that is not taken', 401, '{}', 4, 'does not take this token'],
  [
    'a token that GraphQL refuses',
    200,
    '{"errors":[{"message":"x","extensions":{"code":"UNAUTHENTICATED"}}]}',
    4,
    'does not take this token',
  ],
  [
    'a FaDO whose database is away',
    503,
    '{"errors":[{"message":"PostgreSQL cannot be used","extensions":{"code":"UNAVAILABLE"}}]}',
    4,
    'PostgreSQL cannot be used (UNAVAILABLE)',
  ],
  [
    'a FaDO of another version',
    400,
    '{"errors":[{"message":"Cannot query field x","extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}]}',
    3,
    'is of another version than this command: Cannot query field x (GRAPHQL_VALIDATION_FAILED)',
  ],
  ['an answer that is none', 502, '<html>', 4, 'is not FaDO (status 502)'],
  [
    'a request that is refused',
    400,
    '{"errors":[{"message":"first must be 1 to 100","extensions":{"code":"BAD_USER_INPUT"}}]}',
    3,
    'first must be 1 to 100',
  ],
] as const)('%s has an exit code of its own', async ([, status, body, exitCode, message]) => {
  const { api } = await answering(status, body)
  await expect(api.run(CliTokensDocument, {})).rejects.toMatchObject({
    exitCode,
    message: expect.stringContaining(message) as string,
  })
})

test('a refusal keeps its code', async () => {
  const refusal = { __typename: 'InputError', code: 'NOT_FOUND', message: 'There is no bucket x', path: [] }
  const { api } = await answering(200, JSON.stringify({ data: { policySet: refusal } }))
  const { policySet } = await api.run(CliPolicySetDocument, {
    input: { scope: { bucket: 'x' }, name: 'zones', value: [] },
  })
  expect(() => accepted(policySet)).toThrow(
    expect.objectContaining({ exitCode: 3, code: 'NOT_FOUND', message: 'There is no bucket x (NOT_FOUND)' }) as Error,
  )
})

test('all pages are read, in order', async () => {
  const pages = new Map([
    [null, { nodes: [1, 2], pageInfo: { hasNextPage: true, endCursor: 'a' } }],
    ['a', { nodes: [3], pageInfo: { hasNextPage: false, endCursor: 'b' } }],
  ])
  const load = async (after: string | null) =>
    pages.get(after) ?? { nodes: [], pageInfo: { hasNextPage: false, endCursor: null } }
  expect(await allPages(load)).toEqual([1, 2, 3])
})
