import type { z } from 'zod'
import type { AnsweredOnce } from '../../ask-once.ts'
import type { Ask } from '../ask-platform.ts'

/** The names of its functions; undefined: it does not tell FaDO. */
export type FunctionLister = (ask: Ask) => Promise<string[] | undefined>

/** The platform is asked too often, or by somebody who is too slow for it. */
const passing = [408, 429]

/** undefined: it is another answer than a list. Throws where the platform fails, or tells nobody just now: it may tell later. */
export function parsed<T>({ status, text }: AnsweredOnce, shape: z.ZodType<T>): T | undefined {
  if (status >= 500 || passing.includes(status)) throw new Error(`the platform answers ${status}`)
  if (status !== 200) return undefined
  try {
    return shape.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}
