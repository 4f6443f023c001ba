// ARCHITECTURE.md leads to files by their names: one that was moved leads nowhere.
import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const text = readFileSync('ARCHITECTURE.md', 'utf8')
const roots = ['app', 'bench', 'deploy', 'docs', 'graphql', 'prisma', 'proxy', 'scripts', 'server', 'tests']
const files = globSync(['*.*', '.*.*', ...roots.map((root) => `${root}/**/*.*`)]).map((file) => `/${file}`)
const named = (pattern: RegExp, within = text) => [...new Set(within.matchAll(pattern).map(([, name = '']) => name))]

const isThere = (ending: string) => files.some((file) => file.endsWith(ending))

test('every file that is named is there', () => {
  const names = named(/`([\w./-]+\.(?:ts|tsx|lua|mjs|graphql|json))`/g)
  expect(names.length).toBeGreaterThan(300)
  expect(names.filter((name) => !isThere(`/${name}`))).toEqual([])
})

test('every test of an invariant is there: a file, or a room of them', () => {
  const lastCells = text.matchAll(/^\| I\d.* \| (.*) \|$/gm).map(([, cell = '']) => cell)
  const names = named(/`([^`]*)`/g, [...lastCells].join())
  expect(names.length).toBeGreaterThan(40)
  const isRoom = (name: string) => files.some((file) => file.includes(`/tests/${name.replace(/\/?$/, '/')}`))
  expect(names.filter((name) => !isThere(`/${name}.test.ts`) && !isRoom(name))).toEqual([])
})
