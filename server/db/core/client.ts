import { PrismaPg } from '@prisma/adapter-pg'
import { type Prisma, PrismaClient } from '../generated/client.ts'
import type { Pool } from './pool.ts'

export type Db = PrismaClient
export type Tx = Prisma.TransactionClient

/** Over the pool's own connections, which stay open when it is disconnected. */
export function createDb(pool: Pool): Db {
  return new PrismaClient({ adapter: new PrismaPg(pool.connections) })
}
