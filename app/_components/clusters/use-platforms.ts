'use client'
import { useQuery } from 'urql'
import { PlatformsDocument, type PlatformsQuery } from '../../../graphql/generated/operations.ts'

/** The kinds of function platforms; none until they are known. Asked once. */
export function usePlatforms(): PlatformsQuery['platforms'] {
  const [{ data }] = useQuery({ query: PlatformsDocument })
  return data?.platforms ?? []
}
