import type { BucketView } from '../../server/services/catalogue/read-catalogue.ts'
import { builder } from './builder.ts'

export const Bucket = builder.loadableNodeRef('Bucket', {
  id: { resolve: (bucket: BucketView) => bucket.id },
  load: (ids: string[], { services }) => services.buckets(ids) as Promise<BucketView[]>,
})

/** Its key is the bucket's id. */
export const Route = builder.loadableObjectRef('Route', {
  load: (bucketIds: string[], { services }) => services.routes(bucketIds),
})
