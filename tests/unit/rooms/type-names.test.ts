// One name means one thing in the whole house: types that two files export under one name are read as one.
import { globSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

/** Each is one thing in its room, and is not met in the other one's. */
const namesakes = [
  'Address Asked Candidate Cell Column Given Held Holder Known Link Part Patience Place',
  'Platform ProbeOptions Problem Proof Refusal Refused Round Running Share Target Turn Ways WireRequest',
].flatMap((line) => line.split(' '))

test('no type is exported under the name of another one, but for those that are known', () => {
  const files = globSync(['app', 'graphql', 'proxy', 'server'].map((room) => `${room}/**/*.{ts,tsx}`))
  const written = files.filter((file) => !file.includes('/generated/'))
  const names = written.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/^export (?:type|class) (\w+)/gm)].map(([, name = '']) => name),
  )
  expect(names.length).toBeGreaterThan(1_000)
  const twice = [...Map.groupBy(names, (name) => name)].flatMap(([name, all]) => (all.length > 1 ? [name] : []))
  expect(twice.toSorted()).toEqual(namesakes)
})
