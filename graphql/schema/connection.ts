import type { Page, PageInput } from '../../server/services/shared/paging.ts'
import { builder } from './builder.ts'

const defaultPage = 50

type PageArgs = { readonly first?: number | null | undefined; readonly after?: string | null | undefined }

/** The arguments of a list in pages. */
export const pageArgs = builder.args((t) => ({
  first: t.int({ defaultValue: defaultPage, description: 'From 1 to 100.' }),
  after: t.string({ description: 'endCursor of the page before.' }),
}))

export const pageInput = ({ first, after }: PageArgs): PageInput => ({ first: first ?? defaultPage, after })

/** A page costs what its items cost. */
export const pageComplexity = ({ first }: PageArgs): { field: number; multiplier: number } => ({
  field: 1,
  multiplier: Math.min(Math.max(first ?? defaultPage, 1), 100),
})

/** What Relay calls a connection. */
export function toConnection<T>({ items, hasNextPage }: Page<T>) {
  return {
    edges: items.map(({ cursor, item }) => ({ cursor, node: item })),
    pageInfo: {
      hasNextPage,
      hasPreviousPage: false,
      startCursor: items[0]?.cursor ?? null,
      endCursor: items.at(-1)?.cursor ?? null,
    },
  }
}
