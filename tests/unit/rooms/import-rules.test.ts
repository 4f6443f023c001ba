// The import rules are proved by breaking them: a rule whose path has a slip in it forbids nothing, and nobody would notice.
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { cruise, type ICruiseResult } from 'dependency-cruiser'
import { expect, test } from 'vitest'
import untyped from '../../../.dependency-cruiser.mjs'
import { tempDir } from '../../support/temp-dir.ts'

const { forbidden } = untyped as { forbidden: { name: string }[] }

/** A rule, a file, and what it imports against the rule. */
const violations: readonly [rule: string, from: string, to: string][] = [
  ['domain-imports-nothing', 'server/domain/a.ts', 'server/base.ts'],
  ['base-below-all', 'server/base.ts', 'server/db/core/a.ts'],
  ['db-alone', 'server/db/core/b.ts', 'server/storage/a.ts'],
  ['db-core-below-all', 'server/db/core/c.ts', 'server/db/queue/a.ts'],
  ['db-core-below-all', 'server/db/core/d.ts', 'server/db/proxies/a.ts'],
  ['db-core-below-all', 'server/db/core/e.ts', 'server/db/copies/a.ts'],
  ['db-core-below-all', 'server/db/core/f.ts', 'server/db/deciding/a.ts'],
  ['db-core-below-all', 'server/db/core/g.ts', 'server/db/catalogue/a.ts'],
  ['db-terms-below-all', 'server/db/terms/b.ts', 'server/db/queue/a.ts'],
  ['db-policies-alone', 'server/db/policies/b.ts', 'server/db/catalogue/a.ts'],
  ['db-queue-and-proxies-alone', 'server/db/queue/b.ts', 'server/db/copies/a.ts'],
  ['db-queue-and-proxies-alone', 'server/db/queue/c.ts', 'server/db/deciding/a.ts'],
  ['db-queue-and-proxies-alone', 'server/db/proxies/b.ts', 'server/db/catalogue/a.ts'],
  ['db-copies-alone', 'server/db/copies/b.ts', 'server/db/deciding/a.ts'],
  ['db-copies-alone', 'server/db/copies/c.ts', 'server/db/catalogue/a.ts'],
  ['db-copies-alone', 'server/db/copies/d.ts', 'server/db/proxies/a.ts'],
  ['db-deciding-alone', 'server/db/deciding/b.ts', 'server/db/copies/a.ts'],
  ['db-deciding-alone', 'server/db/deciding/c.ts', 'server/db/catalogue/a.ts'],
  ['db-catalogue-alone', 'server/db/catalogue/b.ts', 'server/db/copies/a.ts'],
  ['db-catalogue-alone', 'server/db/catalogue/c.ts', 'server/db/deciding/a.ts'],
  ['postgres-alone', 'server/postgres/a.ts', 'server/db/core/a.ts'],
  ['storage-alone', 'server/storage/b.ts', 'server/db/core/a.ts'],
  ['faas-alone', 'server/faas/a.ts', 'server/storage/a.ts'],
  ['proxy-alone', 'proxy/a.ts', 'server/db/core/a.ts'],
  ['replication-below-services', 'server/replication/a.ts', 'server/reconcile/a.ts'],
  ['reconcile-below-services', 'server/reconcile/b.ts', 'server/services/a.ts'],
  ['services-write-intent', 'server/services/b.ts', 'server/replication/a.ts'],
  ['services-write-no-decisions', 'server/services/c.ts', 'server/db/copies/a.ts'],
  ['services-write-no-decisions', 'server/services/d.ts', 'server/db/deciding/a.ts'],
  ['movers-write-observations', 'server/replication/b.ts', 'server/db/catalogue/a.ts'],
  ['movers-write-observations', 'server/replication/c.ts', 'server/db/deciding/a.ts'],
  ['movers-write-observations', 'server/replication/d.ts', 'server/db/proxies/a.ts'],
  ['reconcilers-write-decisions', 'server/reconcile/c.ts', 'server/db/catalogue/a.ts'],
  ['reconcilers-write-decisions', 'server/reconcile/d.ts', 'server/db/copies/a.ts'],
  ['http-through-services', 'server/http/a.ts', 'server/db/core/a.ts'],
  ['graphql-through-services', 'graphql/schema/a.ts', 'server/db/core/a.ts'],
  ['app-through-operations', 'app/a.ts', 'server/services/a.ts'],
  ['supervise-knows-processes', 'server/supervise/a.ts', 'server/db/core/a.ts'],
  ['compose-wires-alone', 'server/services/e.ts', 'server/compose/a.ts'],
  ['resources-are-pure', 'proxy/resources/a.ts', 'proxy/a.ts'],
  ['sql-in-one-room', 'server/services/f.ts', 'server/db/generated/a.ts'],
  ['product-imports-no-tests', 'server/services/g.ts', 'tests/a.ts'],
  ['no-cycles', 'server/db/core/h.ts', 'server/db/core/i.ts'],
]

test('each import that a rule forbids is found, and by that rule', async () => {
  const dir = await tempDir()
  const imports = new Map([['server/db/core/i.ts', 'server/db/core/h.ts']]) // and back
  for (const [, from, to] of violations) {
    imports.set(from, to)
    if (!imports.has(to)) imports.set(to, '')
  }
  for (const [file, to] of imports) {
    await mkdir(path.join(dir, path.dirname(file)), { recursive: true })
    const target = path.relative(path.dirname(file), to)
    const line = to === '' ? 'export {}' : `import './${target}'`
    await writeFile(path.join(dir, file), `${line}\n`)
  }
  const { output } = await cruise([...imports.keys()], {
    baseDir: dir,
    validate: true,
    ruleSet: { forbidden: forbidden as never },
  })
  const { violations: told } = (output as ICruiseResult).summary
  const found = new Set(told.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`))
  expect(violations.map(([rule, from, to]) => `${rule}: ${from} -> ${to}`).filter((one) => !found.has(one))).toEqual([])
})
