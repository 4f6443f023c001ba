// Makes the committed files that follow from others, or the next migration.
// usage: npm run generate [-- --check | migration NAME]
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { GraphQLSchema } from 'graphql'
import { makeIntrospection, makeOperations, printSdl } from './generate/graphql.ts'
import { writeMigration } from './generate/migration.ts'
import { startThrowAwayPostgres } from './support/throw-away-postgres.ts'

type Product = { readonly file: string; readonly content: string }

const root = path.resolve(import.meta.dirname, '..')
const schemaModule = path.join(root, 'graphql/schema/index.ts')
const operationsFolder = path.join(root, 'graphql/operations')

async function readOperations() {
  const names = (await readdir(operationsFolder, { recursive: true }))
    .filter((name) => name.endsWith('.graphql'))
    .sort()
  return Promise.all(
    names.map(async (name) => ({ name, text: await readFile(path.join(operationsFolder, name), 'utf8') })),
  )
}

/** What the files that follow from others should hold now. */
async function products(): Promise<Product[]> {
  if (!existsSync(schemaModule)) return []
  const { schema } = (await import(schemaModule)) as { schema: GraphQLSchema }
  const sdl = printSdl(schema)
  const made = [
    { file: 'graphql/schema.graphql', content: sdl },
    { file: 'graphql/generated/introspection.ts', content: makeIntrospection(sdl) },
  ]
  if (!existsSync(operationsFolder)) return made
  return [
    ...made,
    { file: 'graphql/generated/operations.ts', content: await makeOperations(sdl, await readOperations()) },
  ]
}

async function stale(): Promise<Product[]> {
  const all = await products()
  const present = await Promise.all(
    all.map(({ file }) => readFile(path.join(root, file), 'utf8').catch(() => undefined)),
  )
  return all.filter(({ content }, i) => content !== present[i])
}

async function write({ file, content }: Product): Promise<void> {
  await mkdir(path.dirname(path.join(root, file)), { recursive: true })
  await writeFile(path.join(root, file), content)
  console.log(`wrote ${file}`)
}

async function authorMigration(name: string | undefined): Promise<number> {
  if (name === undefined || !/^[a-z0-9_]+$/.test(name)) {
    console.error('A migration needs a name of small letters, digits and _: npm run generate -- migration add_zone')
    return 1
  }
  const postgres = await startThrowAwayPostgres()
  try {
    const file = await writeMigration(postgres.url, name)
    console.log(file === undefined ? 'schema and migrations agree: nothing to write' : `wrote ${file}: read it through`)
    return 0
  } finally {
    await postgres.stop()
  }
}

async function main([what, name]: readonly string[]): Promise<number> {
  if (what === 'migration') return authorMigration(name)
  const outdated = await stale()
  if (what !== '--check') {
    for (const product of outdated) await write(product)
    return 0
  }
  for (const { file } of outdated) console.error(`${file} is not up to date: run npm run generate`)
  return outdated.length === 0 ? 0 : 1
}

// The schema's modules may hold what keeps a process alive.
process.exit(await main(process.argv.slice(2)))
