// FaDO's GraphQL API as the commands and the demo use it: like any other client.
import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { print } from 'graphql'
import { answeredBy, CommandFailure, exitCodes } from './failure.ts'

export type ApiOptions = {
  /** Of the GraphQL endpoint. */
  readonly url: string
  readonly token: string
  /** Gives up all requests. */
  readonly signal?: AbortSignal
}

export type Api = {
  /** Resolves to the data; rejects with a CommandFailure. `waitSeconds`: what it asks for may take so much longer. */
  run<Data, Variables>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
    waitSeconds?: number,
  ): Promise<Data>
}

/** The error member of every mutation's result. */
type UserError = { readonly __typename: 'InputError'; readonly code: string; readonly message: string }

/** A registration probes its store first, with time-outs of its own. */
const timeoutMs = 60_000

type Answer = {
  readonly data?: unknown
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[]
}

async function send({ url, token, signal }: ApiOptions, body: string, waitSeconds: number): Promise<Response> {
  const limit = AbortSignal.timeout(timeoutMs + waitSeconds * 1000)
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
  try {
    return await fetch(url, {
      method: 'POST',
      headers,
      body,
      signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
    })
  } catch (cause) {
    throw new CommandFailure(
      exitCodes.unreachable,
      `FaDO does not answer at ${url}: start it (npm run demo, npm start), or name another one with --server or FADO_URL`,
      { cause },
    )
  }
}

const unauthorised = (url: string) =>
  new CommandFailure(
    exitCodes.unreachable,
    `FaDO at ${url} does not take this token: give one with --token or FADO_TOKEN`,
  )

async function read(url: string, response: Response): Promise<Answer> {
  if (response.status === 401) throw unauthorised(url)
  try {
    return (await response.json()) as Answer
  } catch (cause) {
    throw new CommandFailure(exitCodes.unreachable, `What answers at ${url} is not FaDO (status ${response.status})`, {
      cause,
    })
  }
}

/** What commands ask is checked against the schema of their own version. */
const otherVersion = (url: string, message: string) =>
  answeredBy(`FaDO at ${url} is of another version than this command: ${message}`, 'GRAPHQL_VALIDATION_FAILED')

export function createApi(options: ApiOptions): Api {
  return {
    async run(document, variables, waitSeconds = 0) {
      const body = JSON.stringify({ query: print(document), variables })
      const answer = await read(options.url, await send(options, body, waitSeconds))
      const [error] = answer.errors ?? []
      if (error?.extensions?.code === 'UNAUTHENTICATED') throw unauthorised(options.url)
      if (error?.extensions?.code === 'GRAPHQL_VALIDATION_FAILED') throw otherVersion(options.url, error.message)
      if (error !== undefined) throw answeredBy(error.message, error.extensions?.code)
      return answer.data as never
    },
  }
}

/** The payload of a mutation's result, or the refusal as a failure. */
export function accepted<Result extends { readonly __typename: string }>(result: Result): Exclude<Result, UserError> {
  if (result.__typename !== 'InputError') return result as Exclude<Result, UserError>
  const { code, message } = result as unknown as UserError
  throw answeredBy(message, code)
}

type Page<Node> = {
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
  readonly nodes: readonly Node[]
}

/** All items of a connection, page after page. */
export async function allPages<Node>(load: (after: string | null) => Promise<Page<Node>>): Promise<Node[]> {
  const nodes: Node[] = []
  for (let after: string | null = null; ; ) {
    const page: Page<Node> = await load(after)
    nodes.push(...page.nodes)
    after = page.pageInfo.endCursor
    if (!page.pageInfo.hasNextPage || after === null) return nodes
  }
}
