// A process that owns a PostgreSQL and can be killed: prints what it started as JSON, then waits.
// usage: node hold-postgres.ts DIRECTORY
import { startLocalPostgres } from '../../server/postgres/local-postgres.ts'

const [, , dir = ''] = process.argv
const { url, pid } = await startLocalPostgres({ dir, port: 0 })
console.log(JSON.stringify({ url, pid }))
