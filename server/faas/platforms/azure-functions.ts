import { z } from 'zod'
import { type FunctionLister, parsed } from './lister.ts'

/** The host's own API, which wants the app's master key. */
export const azureFunctions: FunctionLister = async (ask) => {
  const functions = parsed(await ask('/admin/functions'), z.array(z.object({ name: z.string() })))
  return functions?.map(({ name }) => name)
}
