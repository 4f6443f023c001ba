import type { z } from 'zod'
import type { AnsweredOnce } from '../../ask-once.ts'
import type { Ask } from '../ask-platform.ts'

/** The names of its functions; undefined: it does not tell FaDO. */
export type FunctionLister = (ask: Ask) => Promise<string[] | undefined>

/** undefined: it is another answer than a list. Throws where the platform fails: it may tell later. */
export function parsed<T>({ status, text }: AnsweredOnce, shape: z.ZodType<T>): T | undefined {
  if (status >= 500) throw new Error(`the platform answers ${status}`)
  if (status !== 200) return undefined
  try {
    return shape.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}
