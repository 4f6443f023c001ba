// Compares prisma/migrations with prisma/schema.prisma by Prisma's own schema engine, built to WebAssembly: it replays the
// migrations into a shadow database of the given server, so no engine program is downloaded.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { PrismaPg } from '@prisma/adapter-pg'
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from '@prisma/driver-adapter-utils'
import { SchemaEngine } from '@prisma/schema-engine-wasm'
import { migrationsDirectory, readMigrations } from '../../server/db/core/migrate.ts'

const schemaFile = path.resolve(import.meta.dirname, '../../prisma/schema.prisma')

const charOid = 18
const textOid = 25
type Adapter = Awaited<ReturnType<PrismaPg['connect']>>
type WithClient = { client: { query: (...args: unknown[]) => Promise<{ fields?: { dataTypeID: number }[] }> } }

/** adapter-pg refuses the catalogue's columns of the internal type "char", which the engine reads: they go over as characters. */
function readInternalChar(adapter: Adapter): Adapter {
  const { client } = adapter as unknown as WithClient
  const query = client.query.bind(client)
  let isChar: boolean[] = []
  client.query = async (...args) => {
    const result = await query(...args)
    const fields = result.fields ?? []
    isChar = fields.map((field) => field.dataTypeID === charOid)
    for (const field of fields) if (field.dataTypeID === charOid) field.dataTypeID = textOid
    return result
  }
  const queryRaw = adapter.queryRaw.bind(adapter)
  adapter.queryRaw = async (input) => {
    const result = await queryRaw(input)
    const columnTypes = result.columnTypes.map((type, i) => (isChar[i] ? ColumnTypeEnum.Character : type))
    return { ...result, columnTypes }
  }
  return adapter
}

/** adapter-pg cuts scripts at each semicolon, also within the body of a function: they go over whole. */
function sendWhole(adapter: Adapter): Adapter {
  const { client } = adapter as unknown as WithClient
  adapter.executeScript = async (script) => void (await client.query(script))
  return adapter
}

/** The stock adapter opens the main database as its shadow (a URL beats its own name) and drops it while connected. */
class AuthoringAdapter extends PrismaPg {
  readonly url: string

  constructor(url: string) {
    super(url)
    this.url = url
  }

  override async connect() {
    return readInternalChar(await super.connect())
  }

  override async connectToShadowDb() {
    const name = `fado_shadow_${crypto.randomUUID()}`
    const admin = await super.connect()
    await admin.executeScript(`CREATE DATABASE "${name}"`)
    const url = new URL(this.url)
    url.pathname = `/${name}`
    const shadow = sendWhole(readInternalChar(await new PrismaPg(url.href).connect()))
    const dispose = shadow.dispose.bind(shadow)
    shadow.dispose = async () => {
      await dispose()
      await admin.executeScript(`DROP DATABASE "${name}" WITH (FORCE)`)
      await admin.dispose()
    }
    return shadow
  }
}

const exitCodeOfDrift = 2

/** The SQL that would bring the migrations to the schema; undefined when they agree. */
export async function diffMigrations(connectionString: string): Promise<string | undefined> {
  const schema = { path: 'schema.prisma', content: await readFile(schemaFile, 'utf8') }
  const migrationDirectories = (await readMigrations(migrationsDirectory)).map(({ name, sql }) => ({
    path: name,
    migrationFile: { path: 'migration.sql', content: { tag: 'ok' as const, value: sql } },
  }))
  const engine: SchemaEngine = await SchemaEngine.new(
    { datamodels: [[schema.path, schema.content]] },
    () => undefined,
    bindMigrationAwareSqlAdapterFactory(new AuthoringAdapter(connectionString)),
  )
  try {
    const { exitCode, stdout } = await engine.diff({
      from: {
        tag: 'migrations',
        baseDir: migrationsDirectory,
        lockfile: { path: './migration_lock.toml', content: 'provider = "postgresql"\n' },
        shadowDbInitScript: '',
        migrationDirectories,
      },
      to: { tag: 'schemaDatamodel', files: [schema] },
      script: true,
      exitCode: true,
      filters: { externalTables: [], externalEnums: [] },
    })
    return exitCode === exitCodeOfDrift ? (stdout ?? '') : undefined
  } finally {
    engine.free()
  }
}

/** Writes the next migration and returns its file; undefined when nothing changed. */
export async function writeMigration(connectionString: string, name: string): Promise<string | undefined> {
  const sql = await diffMigrations(connectionString)
  if (sql === undefined) return undefined
  const time = new Date().toISOString().replaceAll(/\D/g, '').slice(0, 14)
  const file = path.join(migrationsDirectory, `${time}_${name}`, 'migration.sql')
  await mkdir(path.dirname(file), { recursive: true })
  await writeFile(file, sql)
  return path.relative(process.cwd(), file)
}
