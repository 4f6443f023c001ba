import type { BucketVersioning as Versioning } from '../../server/domain/bucket-versioning.ts'
import { builder } from './builder.ts'

const BucketVersions = builder.enumType('BucketVersions', {
  values: {
    NONE: { description: 'What is overwritten or deleted is gone.' },
    KEPT: { description: 'What is overwritten or deleted is kept.' },
    SUSPENDED: { description: 'No longer kept; of what was there before, versions may be left.' },
  },
})
const versions = { none: 'NONE', kept: 'KEPT', suspended: 'SUSPENDED' } as const

export const BucketVersioning = builder.objectRef<Versioning>('BucketVersioning').implement({
  description:
    "What a copy's bucket keeps on its store beside the objects, as it was when the whole copy was last looked at. Somebody " +
    'has set it there; FaDO does not change it.',
  fields: (t) => ({
    versions: t.field({ type: BucketVersions, resolve: (versioning) => versions[versioning.versions] }),
    objectLock: t.exposeBoolean('objectLock', {
      description: 'A retention or a legal hold may forbid to delete a version.',
    }),
    retentionDays: t.int({
      nullable: true,
      description:
        'Every new version is kept for so long at least, so a copy or a bucket cannot be taken away before; null: none is set.',
      resolve: ({ defaultRetention }) => defaultRetention?.days ?? null,
    }),
  }),
})
