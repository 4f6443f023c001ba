// Addresses of screens about one thing.
export const clusterHref = (cluster: string): string => `/clusters/${encodeURIComponent(cluster)}`
/** The cluster's page, with the buckets shown that one of its stores has already. */
export const storeBucketsHref = (cluster: string, store: string): string =>
  `${clusterHref(cluster)}?buckets=${encodeURIComponent(store)}`
export const bucketHref = (bucket: string): string => `/buckets/${encodeURIComponent(bucket)}`
/** The explainer of calls, about one that names this bucket. */
export const explainHref = (bucket: string): string => `/routing?bucket=${encodeURIComponent(bucket)}#explain`
/** The bucket's page, with the dialog open in which a copy is resynced. */
export const resyncHref = (bucket: string, store: string): string =>
  `${bucketHref(bucket)}?resync=${encodeURIComponent(store)}`
