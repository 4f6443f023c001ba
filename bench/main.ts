// npm run bench -- <name> [size]: one comparison, printed as a table and written as JSON to bench/results/<name>.json.
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { arrival } from './arrival.ts'
import { backlog } from './backlog.ts'
import { burst } from './burst.ts'
import { locality } from './locality.ts'
import { movers } from './movers.ts'
import { propagation } from './propagation.ts'
import { propagationReal } from './propagation-real.ts'
import { proxies } from './proxies.ts'
import { proxy } from './proxy.ts'
import { reconcile } from './reconcile.ts'
import { largeObjects, smallObjects } from './replication.ts'
import type { Result } from './result.ts'
import { scale } from './scale.ts'

type Bench = {
  readonly about: string
  /** `size`: as the command line has it, for benches that take one. */
  readonly run: (size?: number) => Promise<Result>
}

const benches: Readonly<Record<string, Bench>> = {
  propagation: {
    about: "from a mutation's answer to the first call routed by it, by number of buckets",
    run: () => propagation(),
  },
  'propagation-real': {
    about:
      'the same with a MinIO for each of 12 clusters and a mover, beside stores that only answer; [size]: buckets, 1 000 where none is given, which take 10 minutes to make with their copies on two busy cores (10 000: ten times that)',
    run: (buckets) => propagationReal(buckets === undefined ? {} : { buckets }),
  },
  proxy: {
    about: "calls through FaDO's Envoy, by number of buckets, beside a static Envoy and Caddy (needs wrk, and Go once)",
    run: () => proxy(),
  },
  scale: {
    about: 'what 100 000 buckets cost: memory, the start of a control plane, and one edit',
    run: () => scale(),
  },
  proxies: {
    about: 'a change until the last of many scripted proxies has it, and what a stuck one costs the others',
    run: () => proxies(),
  },
  replication: {
    about: 'filling a copy with small objects, beside mc mirror and rclone (builds them from source once; needs Go)',
    run: () => smallObjects(),
  },
  large: {
    about: 'filling a copy with large objects, and with one of 1 GB in parts, beside the same tools',
    run: () => largeObjects(),
  },
  arrival: {
    about: 'from the PUT of one new object until a replica has it, by number of objects, beside the same tools',
    run: () => arrival(),
  },
  burst: {
    about:
      'a burst of new objects until two replicas have all, beside the first copies of as many, and how the control plane does',
    run: () => burst(),
  },
  backlog: {
    about: 'a million writes on 10 000 keys while a store is away: what is copied, and how live changes fare meanwhile',
    run: () => backlog(),
  },
  movers: {
    about: 'two movers on one database beside one',
    run: () => movers(),
  },
  locality: {
    about:
      'functions that read an object of their bucket, called where it is by FaDO, beside calls by turns, over links of 40 ms and 100 Mbit/s',
    run: () => locality(),
  },
  reconcile: {
    about: 'comparing a whole copy in which nothing differs, beside the two listings alone',
    run: () => reconcile(),
  },
}

const [name = '--help', size] = process.argv.slice(2)
const bench = Object.hasOwn(benches, name) ? benches[name] : undefined
if (bench === undefined) {
  console.log('usage: npm run bench -- <name> [size]\n')
  for (const [known, { about }] of Object.entries(benches)) console.log(`  ${known.padEnd(16)} ${about}`)
  process.exit(name === '--help' ? 0 : 1)
}

const { rows, notes } = await bench.run(size === undefined ? undefined : Number(size))
console.table(rows)
for (const note of notes) console.log(note)
const file = path.resolve(import.meta.dirname, 'results', `${name}.json`)
await mkdir(path.dirname(file), { recursive: true })
await writeFile(file, `${JSON.stringify({ name, at: new Date().toISOString(), rows, notes }, null, 2)}\n`)
process.exit(0)
