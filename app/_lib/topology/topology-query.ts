// What is chosen on the Topology screen, as it stands in the address.

export type TopologyQuery = {
  /** Each empty: none is chosen. */
  readonly bucket: string
  readonly zone: string
  readonly cluster: string
  /** `hpc -> edge` */
  readonly link: string
  readonly calls: boolean
}

export const parseTopologyQuery = (query: URLSearchParams): TopologyQuery => ({
  bucket: query.get('bucket') ?? '',
  zone: query.get('zone') ?? '',
  cluster: query.get('cluster') ?? '',
  link: query.get('link') ?? '',
  calls: query.get('calls') !== 'off',
})

/** One thing is shown beside the ring: who chooses a cluster leaves a link, and the other way around. */
export function topologyHref(before: TopologyQuery, change: Partial<TopologyQuery>): string {
  const left = change.cluster ? { link: '' } : change.link ? { cluster: '' } : {}
  const { calls, ...next } = { ...before, ...left, ...change }
  const query = new URLSearchParams(Object.entries(next).filter(([, value]) => value !== ''))
  if (!calls) query.set('calls', 'off')
  const text = query.toString()
  return text === '' ? '/topology' : `/topology?${text}`
}
