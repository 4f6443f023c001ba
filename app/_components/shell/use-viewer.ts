'use client'
import { useQuery } from 'urql'
import { ViewerDocument, type ViewerQuery } from '../../../graphql/generated/operations.ts'

type Viewer = ViewerQuery['viewer']

/** The token that this browser is signed in with; undefined until it is known. */
export function useViewer(): Viewer | undefined {
  const [{ data }] = useQuery({ query: ViewerDocument, requestPolicy: 'cache-first' })
  return data?.viewer
}

/** Why who is signed in may change nothing; null when it may, and while that is not known: the server refuses anyway. */
export function useReadsOnly(): string | null {
  const viewer = useViewer()
  if (viewer === undefined || viewer.mayChange) return null
  return `You are signed in with the token ${viewer.name}, whose role ${viewer.role.toLowerCase()} only reads.`
}
