import type { StoreBucketsQuery } from '../../../graphql/generated/operations.ts'
import { Glyph } from '../shared/glyph.tsx'

type Bucket = NonNullable<StoreBucketsQuery['storageDeployment']>['unmanagedBuckets']['nodes'][number]

/** What is to be known of a bucket before it is adopted. */
export const BucketWarnings = ({ warnings }: Pick<Bucket, 'warnings'>) => (
  <ul className="dim">
    {warnings.map(({ code, message }) => (
      <li key={code}>
        <Glyph name="notice" /> {message}.
      </li>
    ))}
  </ul>
)
