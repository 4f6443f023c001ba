// Prisma says what one call says of the catalogue, by key: only `server/db/catalogue` uses it. All else is SQL, in the same
// transaction.
import { PrismaPg } from '@prisma/adapter-pg'
import { type Prisma, PrismaClient } from '../generated/client.ts'
import type { Pool, Tx } from './pool.ts'
import { sqlOf } from './sql-of.ts'
import { transact } from './transaction.ts'

export type CatalogueTx = Tx & { readonly prisma: Prisma.TransactionClient }

export type Db = {
  /** Runs `work` in one transaction; retried when PostgreSQL asks for it (serialization failure, deadlock). */
  transaction<T>(work: (tx: CatalogueTx) => Promise<T>): Promise<T>
  /** The pool's connections stay open. */
  end(): Promise<void>
}

const options = { maxWait: 10_000, timeout: 10_000 }

/** Over the pool's own connections. */
export function createDb(pool: Pool): Db {
  // Its other formats quote our source in the message.
  const client = new PrismaClient({ adapter: new PrismaPg(pool.connections), errorFormat: 'minimal' })
  return {
    transaction: (work) =>
      transact(pool.wake, (news) =>
        client.$transaction(async (prisma) => {
          const tx = { query: sqlOf(prisma), wake: news.wake, changed: news.changed, prisma }
          const result = await work(tx)
          await news.store(tx.query)
          return result
        }, options),
      ),
    end: () => client.$disconnect(),
  }
}
