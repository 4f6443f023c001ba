import { GraphQLError } from 'graphql'
import type { BucketView } from '../../server/services/catalogue/read-catalogue.ts'
import type { Context } from '../context.ts'

/** The bucket that a subscription is about; undefined: all of them. Throws where there is none of this name. */
export async function bucketNamed(
  name: string | null | undefined,
  { services }: Context,
): Promise<BucketView | undefined> {
  if (name === null || name === undefined) return undefined
  const bucket = await services.bucketByName(name)
  if (bucket !== null) return bucket
  throw new GraphQLError(`There is no bucket ${name.slice(0, 100)}`, { extensions: { code: 'NOT_FOUND' } })
}
