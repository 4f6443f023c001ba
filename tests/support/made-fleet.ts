// A fleet that only the console hears of: answers to the questions of the Topology screen, as large as a test wants.
import type { Page } from '@playwright/test'
import type { RingClusterFragment, RingHealthFragment, RingLinkFragment } from '../../graphql/generated/operations.ts'

type Made = { readonly clusters: readonly RingClusterFragment[]; readonly links: readonly RingLinkFragment[] }

/** As the cache of the console asks for it. */
const typed = <T extends object>(__typename: string, of: T): T => ({ ...of, __typename })

const regions = ['eu-de', 'eu-fr', 'eu-ie', 'us-east', 'us-west', 'ap-tokyo', 'ap-sydney', 'sa-brazil']
const id = (kind: string, n: number) => `${kind}-${n}`

/** Every seventh cluster is not well. */
export function madeFleet(size: number): Made {
  const clusters = Array.from({ length: size }, (_, n) => madeCluster(n, size))
  const links = Array.from({ length: size * 6 }, (_, n) => madeLink(n, size)).filter((link) => link !== null)
  return { clusters, links }
}

function madeCluster(n: number, size: number): RingClusterFragment {
  const region = regions[Math.floor((n * regions.length) / size)] ?? 'eu-de'
  const health = (isDown: boolean): RingHealthFragment =>
    typed('Health', {
      status: isDown ? 'UNHEALTHY' : 'HEALTHY',
      cause: isDown ? 'UNREACHABLE' : null,
      detail: isDown ? 'It does not answer' : null,
    })
  return typed('Cluster', {
    id: id('cluster', n),
    name: `${region}-${n % 3 === 0 ? 'factory' : 'edge'}-${String(n).padStart(2, '0')}`,
    zones: [region, n % 3 === 0 ? 'factory' : 'public', ...(n % 5 === 0 ? ['gpu'] : [])],
    state: n % 20 === 17 ? 'CORDONED' : 'ACTIVE',
    faasDeployments: [
      typed('FaasDeployment', { id: id('faas', n), weight: 1, health: health(n % 14 === 13), hints: [] }),
    ],
    storageDeployments: [
      typed('StorageDeployment', {
        id: id('store', n),
        name: `store-${n}`,
        health: health(n % 14 === 6),
        troubles: [],
        held: typed('StorageHeld', { masters: 20, replicas: 40 + (n % 7) }),
        usage: typed('StorageUsage', { objects: 1000 * n, bytes: 7.3e9 * (n + 1) }),
      }),
    ],
  })
}

function madeLink(n: number, size: number): RingLinkFragment | null {
  const [from, to] = [n % size, (n * 7 + 3 + Math.floor(n / size)) % size]
  if (from === to) return null
  const isFlowing = n % 5 === 0
  const waits = n % 11 === 2
  return typed('Link', {
    from: typed('StorageDeployment', { id: id('store', from) }),
    to: typed('StorageDeployment', { id: id('store', to) }),
    bytesPerSecond: isFlowing ? ((n * 37) % 60) * 1e6 + 2e5 : null,
    moving: isFlowing ? 3 : 0,
    movers: n % 61 === 7 ? 0 : 1,
    copies: 5 + (n % 9),
    waiting: typed('Backlog', { objects: waits ? 40 : 0, bytes: waits ? 4e6 : 0 }),
    comparing: null,
    pause: n % 53 === 9 ? typed('ReplicationPause', { since: '2026-11-29T10:00:00Z' }) : null,
  })
}

/** What is asked of clusters and links is answered by this fleet; all else by the demo. */
export async function showMadeFleet(page: Page, { clusters, links }: Made): Promise<void> {
  await page.route('**/graphql', async (route) => {
    const asked = route.request().postData() ?? ''
    if (asked.includes('query RingClusters'))
      return route.fulfill({
        json: { data: { clusters: { __typename: 'ClusterConnection', totalCount: clusters.length, nodes: clusters } } },
      })
    if (asked.includes('query RingLinks')) return route.fulfill({ json: { data: { links } } })
    return route.continue()
  })
}
