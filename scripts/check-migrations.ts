// Fails when prisma/migrations do not lead to prisma/schema.prisma. Replays them on a PostgreSQL of its own.
import { diffMigrations } from './generate/migration.ts'
import { startThrowAwayPostgres } from './support/throw-away-postgres.ts'

const postgres = await startThrowAwayPostgres()
try {
  const sql = await diffMigrations(postgres.url)
  if (sql !== undefined) {
    console.error(
      `schema.prisma has changed without a migration: run npm run generate -- migration NAME, which would say\n${sql}`,
    )
    process.exitCode = 1
  }
} finally {
  await postgres.stop()
}
