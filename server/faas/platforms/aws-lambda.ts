import { z } from 'zod'
import { type FunctionLister, parsed } from './lister.ts'

const page = z.object({
  Functions: z.array(z.object({ FunctionName: z.string() })),
  NextMarker: z.string().nullish(),
})
const mostPages = 40

/** ListFunctions: the key must be allowed lambda:ListFunctions. */
export const awsLambda: FunctionLister = async (ask) => {
  const names: string[] = []
  let marker: string | null | undefined
  for (let i = 0; i < mostPages; i++) {
    const query = marker ? `MaxItems=50&Marker=${encodeURIComponent(marker)}` : 'MaxItems=50'
    const found = parsed(await ask('/2015-03-31/functions/', query), page)
    if (found === undefined) return undefined
    names.push(...found.Functions.map(({ FunctionName }) => FunctionName))
    marker = found.NextMarker
    if (!marker) return names
  }
  return undefined
}
