import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { inject } from 'vitest'

async function create(from: string): Promise<string> {
  const { url, prefix } = inject('postgres')
  const name = `${prefix}${randomBytes(6).toString('hex')}`
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(`CREATE DATABASE "${name}" TEMPLATE "${from}"`)
  } finally {
    await client.end()
  }
  const made = new URL(url)
  made.pathname = `/${name}`
  return made.href
}

/** The URL of a new, migrated database of the run's server. It is dropped when the run ends. */
export const freshDatabase = (): Promise<string> => create(inject('postgres').template)

/** The URL of a new database without any table. */
export const emptyDatabase = (): Promise<string> => create('template0')
