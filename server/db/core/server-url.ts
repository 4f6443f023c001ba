// Connecting for the first time: what goes wrong is told in one sentence that says what to do, without the password.

import { FadoError } from '../../domain/errors.ts'
import { Client } from './client-that-ends.ts'
import { deadlines } from './deadlines.ts'

/** Text without that scheme may hold a password anywhere. */
function parsed(connectionString: string): URL | undefined {
  const url = URL.parse(connectionString)
  return url && /^postgres(ql)?:$/.test(url.protocol) ? url : undefined
}

/** The reason as PostgreSQL or the network tells it; never the URL, which holds the password. */
function unreachable(connectionString: string, cause: unknown): FadoError {
  const url = parsed(connectionString)
  const place = url === undefined ? 'the server named there' : `${url.host}${url.pathname}`
  const { message, code } = cause as { message?: string; code?: string }
  const reason = message || code || 'no answer'
  return new FadoError(
    'UNREACHABLE',
    `PostgreSQL cannot be used (${place}: ${reason}): check DATABASE_URL, a URL such as postgresql://user:password@host:5432/fado`,
    { cause },
  )
}

/** Throws UNREACHABLE when the text is no URL of PostgreSQL or `open` fails. */
export async function reach<T>(connectionString: string, open: () => Promise<T>): Promise<T> {
  if (parsed(connectionString) === undefined)
    throw unreachable(connectionString, new Error("it is no PostgreSQL's URL"))
  return open().catch((cause: unknown) => {
    throw unreachable(connectionString, cause)
  })
}

/** A plain connection for a few quick statements: each of them is an error when it is not answered in time. */
export async function connectBriefly(connectionString: string): Promise<Client> {
  return reach(connectionString, async () => {
    const client = new Client({
      connectionString,
      connectionTimeoutMillis: deadlines.connect,
      query_timeout: deadlines.connect,
      application_name: 'fado check',
    })
    client.on('error', () => undefined) // a cut connection rejects the query under way; nothing more to say here
    try {
      await client.connect()
      return client
    } catch (error) {
      await client.end().catch(() => undefined)
      throw error
    }
  })
}
