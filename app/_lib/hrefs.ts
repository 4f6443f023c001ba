// Addresses of screens about one thing.
export const clusterHref = (cluster: string): string => `/clusters/${encodeURIComponent(cluster)}`
/** The cluster's page, with the buckets shown that one of its stores has already. */
export const storeBucketsHref = (cluster: string, store: string): string =>
  `${clusterHref(cluster)}?buckets=${encodeURIComponent(store)}`
/** The cluster's page, with the form open in which it gets a store. */
export const addStoreHref = (cluster: string): string => `${clusterHref(cluster)}?add-store=1`
export const bucketHref = (bucket: string): string => `/buckets/${encodeURIComponent(bucket)}`
/** The buckets on which nobody may call. */
export const closedBucketsHref = '/buckets?state=closed'
/** The explainer of calls, about one that names this bucket. */
export const explainHref = (bucket = ''): string =>
  bucket === '' ? '/routing#explain' : `/routing?bucket=${encodeURIComponent(bucket)}#explain`
export type PastCall = {
  /** An x-fado-decision, or what is typed of one. */
  readonly decision: string
  /** Empty: any. */
  readonly bucket?: string
  /** When it was made, as ISO 8601 says it; empty: the last time that calls went so. */
  readonly at?: string
}

/** The explainer of calls, about one that was made before. */
export function decisionHref(call: PastCall): string {
  const query = new URLSearchParams(Object.entries(call).filter(([name, value]) => name === 'decision' || value !== ''))
  return `/routing?${query}#explain`
}
/** The bucket's page, with the dialog open in which a copy is resynced. */
export const resyncHref = (bucket: string, store: string): string =>
  `${bucketHref(bucket)}?resync=${encodeURIComponent(store)}`
