import type { Tx } from '../../server/db/core/pool.ts'

type Node = { readonly 'Shared Hit Blocks': number; readonly 'Shared Read Blocks': number }
type Explained = { readonly 'QUERY PLAN': readonly { readonly Plan: Node }[] }

/** The same, and how many pages its statements have touched so far. Each runs twice; the first time leaves nothing. */
export function countedReads(tx: Tx): { readonly sql: Tx; readonly pages: () => number } {
  let pages = 0
  const query: Tx['query'] = async (text, values = [], prepared?) => {
    await tx.query('SAVEPOINT counted')
    const { rows } = await tx.query<Explained>(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`, values)
    await tx.query('ROLLBACK TO SAVEPOINT counted')
    const plan = rows[0]?.['QUERY PLAN'][0]?.Plan
    if (plan === undefined) throw new Error(`no plan of ${text}`)
    pages += plan['Shared Hit Blocks'] + plan['Shared Read Blocks']
    return tx.query(text, values, prepared)
  }
  return { sql: { ...tx, query }, pages: () => pages }
}
