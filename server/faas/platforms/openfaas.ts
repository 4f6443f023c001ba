import { z } from 'zod'
import { type FunctionLister, parsed } from './lister.ts'

/** https://docs.openfaas.com/reference/rest-api/: it wants a login, unless that is switched off. */
export const openfaas: FunctionLister = async (ask) => {
  const functions = parsed(await ask('/system/functions'), z.array(z.object({ name: z.string() })))
  return functions?.map(({ name }) => name)
}
