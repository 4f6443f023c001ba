// Addresses of screens about one thing.
export const clusterHref = (cluster: string): string => `/clusters/${encodeURIComponent(cluster)}`
export const bucketHref = (bucket: string): string => `/buckets/${encodeURIComponent(bucket)}`
/** The bucket's page, with the dialog open in which a copy is resynced. */
export const resyncHref = (bucket: string, store: string): string =>
  `${bucketHref(bucket)}?resync=${encodeURIComponent(store)}`
