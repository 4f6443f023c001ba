// The 18 scenarios of the public xDS conformance harness (github.com/ii/xds-test-harness, folder features), in their delta form:
// where the state of the world sends all resources of a kind again, a delta has those alone that differ.
import { expect } from 'vitest'
import type { Heard, Service, Stage } from './stage.ts'

export type Scenario = {
  /** The harness's file and the number of the scenario in it. */
  readonly from: string
  readonly title: string
  readonly services: readonly Service[]
  /** What there is at the beginning, cut to as many as the kind can have. */
  readonly existing: readonly string[]
  /** What comes later. */
  readonly later?: readonly string[]
  /** What changes, in this order. */
  readonly updated: readonly string[]
  /** What the kind must know. */
  readonly needs?: 'absence' | 'removal'
  /** Where a real Envoy, which asks for what it wants, can show it. */
  readonly onEnvoy?: readonly Service[]
  /** `existing`: as it was cut. */
  readonly steps: (stage: Stage, existing: readonly string[]) => Promise<void>
}

const all: readonly Service[] = ['CDS', 'LDS', 'RDS', 'EDS', 'SRDS']
const ofWildcards: readonly Service[] = ['CDS', 'LDS', 'SRDS']
const ofNames: readonly Service[] = ['RDS', 'EDS']

/** The resources of these responses; none comes twice, and none is empty. */
function resources(heard: readonly Heard[]): Map<string, string> {
  const names = heard.flatMap((response) => [...response.resources.keys()])
  expect(new Set(names).size, 'no resource comes more often than it has to').toBe(names.length)
  return new Map(heard.flatMap((response) => [...response.resources]))
}

const sorted = (names: Iterable<string>) => [...names].toSorted()

/** Subscribes, and expects just these. */
async function begins({ client }: Stage, asked: readonly string[] | '*', expected: readonly string[], inOne = false) {
  client.subscribe(asked)
  const heard = await client.heard()
  const got = resources(heard)
  expect(sorted(got.keys())).toEqual(sorted(expected))
  if (inOne) expect(heard, 'they come in a single response').toHaveLength(1)
  return got
}

/** Expects this one alone, in another version than `before`; where what changes one changes all, the `others` too. */
async function changes(
  { client, changesAll }: Stage,
  letter: string,
  before: ReadonlyMap<string, string>,
  others: readonly string[] = [],
) {
  const heard = await client.heard()
  const got = resources(heard)
  expect(sorted(got.keys())).toEqual(sorted(new Set([letter, ...(changesAll ? others : [])])))
  expect(heard, 'it comes in a single response').toHaveLength(1)
  for (const [name, version] of got) expect(version, name).not.toBe(before.get(name))
}

async function updates(stage: Stage, asked: readonly string[] | '*', expected: readonly string[], letter: string) {
  const before = await begins(stage, asked, expected)
  stage.update(letter)
  await changes(stage, letter, before, expected)
}

async function appears(stage: Stage, existing: readonly string[], letter: string) {
  stage.client.subscribe([...existing, letter])
  const heard = await stage.client.heard()
  expect(sorted(resources(heard).keys())).toEqual(sorted(existing))
  expect(
    heard.flatMap(({ removed }) => removed),
    'it is told that it does not exist',
  ).toEqual([letter])
  stage.add(letter)
  await changes(stage, letter, new Map())
}

async function nothing({ client }: Stage) {
  expect(await client.heard()).toEqual([])
}

async function dropped(stage: Stage, letters: readonly string[]) {
  for (const letter of letters) {
    await stage.client.unsubscribe([letter])
    await nothing(stage)
    stage.update(letter)
    const heard = await stage.client.heard()
    expect(heard.flatMap(({ resources }) => [...resources.keys()])).not.toContain(letter)
  }
}

export const scenarios: readonly Scenario[] = [
  {
    from: 'delta 1',
    title: 'resources are asked for one after the other',
    services: all,
    existing: ['A', 'B', 'C'],
    updated: [],
    async steps(stage) {
      await begins(stage, ['A'], ['A'])
      await begins(stage, ['B'], ['B'])
    },
  },
  {
    from: 'delta 2',
    title: 'a resource that is updated comes alone',
    services: all,
    existing: ['A', 'B', 'C'],
    updated: ['A'],
    onEnvoy: all,
    steps: (stage, existing) => updates(stage, existing, existing, 'A'),
  },
  {
    from: 'delta 3',
    title: 'a client is told that a resource does not exist, and gets it when it is made',
    services: all,
    existing: ['A'],
    later: ['B'],
    updated: ['B'],
    needs: 'absence',
    steps: (stage) => appears(stage, ['A'], 'B'),
  },
  {
    from: 'delta 4',
    title: 'a client is told of a resource that is removed, and gets it when it is made again',
    services: all,
    existing: ['A', 'B'],
    updated: ['B'],
    needs: 'removal',
    onEnvoy: ['SRDS'],
    async steps(stage) {
      const before = await begins(stage, ['A', 'B'], ['A', 'B'])
      stage.remove('B')
      const heard = await stage.client.heard()
      expect(heard.map(({ removed }) => removed)).toEqual([['B']])
      expect(resources(heard).size).toBe(0)
      stage.add('B')
      await changes(stage, 'B', before)
    },
  },
  {
    from: 'delta 5',
    title: 'what a client asks for no more it is not sent',
    services: all,
    existing: ['A', 'B'],
    updated: ['B', 'A'],
    async steps(stage) {
      await begins(stage, ['A', 'B'], ['A', 'B'])
      await dropped(stage, ['B', 'A'])
    },
  },
  // delta 6 and subscribing 9 are of several kinds at once: `multiple` below.
  {
    from: 'subscribing 1',
    title: 'who asks for all gets all, in a single response',
    services: ofWildcards,
    existing: ['A', 'B', 'C'],
    updated: ['B'],
    async steps(stage, existing) {
      await begins(stage, '*', existing, true)
      await nothing(stage)
    },
  },
  {
    from: 'subscribing 2',
    title: 'who asked for all gets updates',
    services: ofWildcards,
    existing: ['A', 'B', 'C'],
    updated: ['A'],
    onEnvoy: ofWildcards,
    steps: (stage, existing) => updates(stage, '*', existing, 'A'),
  },
  {
    from: 'subscribing 3',
    title: 'who asked for all gets what is added',
    services: ofWildcards,
    existing: ['A', 'B', 'C'],
    later: ['D'],
    updated: ['D'],
    // The listener that takes calls is there before a test can look.
    onEnvoy: ['CDS', 'SRDS'],
    async steps(stage, existing) {
      await begins(stage, '*', existing)
      stage.add('D')
      await changes(stage, 'D', new Map())
    },
  },
  {
    from: 'subscribing 4',
    title: 'who asks for some gets only these',
    services: all,
    existing: ['G', 'B', 'L', 'D'],
    updated: [],
    async steps(stage, existing) {
      const subset = existing.slice(0, existing.length / 2)
      await begins(stage, subset, subset)
      await nothing(stage)
    },
  },
  {
    from: 'subscribing 5',
    title: 'who asked for some clusters or listeners gets their updates',
    services: ofWildcards,
    existing: ['B', 'D', 'A', 'C'],
    updated: ['B'],
    steps: (stage, existing) => updates(stage, existing.slice(0, 2), existing.slice(0, 2), 'B'),
  },
  {
    from: 'subscribing 6',
    title: 'who asked for some tables or endpoints gets their updates',
    services: ofNames,
    existing: ['B', 'D', 'A', 'C'],
    updated: ['B'],
    steps: (stage) => updates(stage, ['B', 'D'], ['B', 'D'], 'B'),
  },
  {
    from: 'subscribing 7',
    title: 'who asked for clusters or listeners that do not exist gets them when they are made',
    services: ofWildcards,
    existing: ['A'],
    later: ['Z'],
    updated: ['Z'],
    needs: 'absence',
    steps: (stage) => appears(stage, ['A'], 'Z'),
  },
  {
    from: 'subscribing 8',
    title: 'who asked for tables or endpoints that do not exist gets them when they are made',
    services: ofNames,
    existing: ['A', 'B', 'C'],
    later: ['Z'],
    updated: ['Z'],
    needs: 'absence',
    steps: (stage) => appears(stage, ['A'], 'Z'),
  },
  {
    from: 'unsubscribing 1',
    title: 'who drops some clusters or listeners gets updates of the others',
    services: ofWildcards,
    existing: ['A', 'B', 'C'],
    updated: ['A'],
    async steps(stage, existing) {
      const before = await begins(stage, existing, existing)
      await stage.client.unsubscribe(existing.slice(1))
      stage.update('A')
      await changes(stage, 'A', before)
    },
  },
  {
    from: 'unsubscribing 2',
    title: 'who drops some tables or endpoints gets updates of the others alone',
    services: ofNames,
    existing: ['B', 'D', 'A', 'C'],
    updated: ['B', 'D'],
    async steps(stage) {
      const before = await begins(stage, ['B', 'D'], ['B', 'D'])
      await stage.client.unsubscribe(['D'])
      stage.update('D')
      await nothing(stage)
      stage.update('B')
      await changes(stage, 'B', before)
    },
  },
  {
    from: 'unsubscribing 3',
    title: 'who drops all gets nothing',
    services: all,
    existing: ['B', 'A', 'C', 'D'],
    updated: ['B'],
    async steps(stage, existing) {
      const subset = existing.slice(0, 2)
      await begins(stage, subset, subset)
      await stage.client.unsubscribe(subset)
      stage.update('B')
      await nothing(stage)
    },
  },
]

export type Multiple = {
  readonly from: string
  readonly title: string
  readonly services: readonly (readonly [Service, Service])[]
  readonly steps: (first: Stage, second: Stage) => Promise<void>
}

/** Of several kinds on one stream; each has A, B and C, and B is updated. */
export const multiple: readonly Multiple[] = [
  {
    from: 'delta 6',
    title: 'several kinds on one stream: what is asked together',
    services: [
      ['CDS', 'LDS'],
      ['LDS', 'CDS'],
      ['RDS', 'EDS'],
      ['EDS', 'RDS'],
    ],
    async steps(first, second) {
      const befores = [await begins(first, ['B'], ['B']), await begins(second, ['B'], ['B'])] as const
      first.update('B')
      await changes(first, 'B', befores[0])
      second.update('B')
      await changes(second, 'B', befores[1])
    },
  },
  {
    from: 'subscribing 9',
    title: 'several kinds on one stream: what is asked one after the other',
    services: [
      ['CDS', 'LDS'],
      ['RDS', 'EDS'],
    ],
    async steps(first, second) {
      const before = await begins(first, ['B'], ['B'])
      await begins(second, ['B'], ['B'])
      first.update('B')
      await changes(first, 'B', before)
      await nothing(second)
    },
  },
]
