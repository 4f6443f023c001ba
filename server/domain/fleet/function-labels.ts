// A call goes only where its function is, as far as that is known. Deployments of which somebody said which functions they
// have are labelled with those; the others may have any, so they are labelled with all that are named anywhere, and with
// `anyOther`. E.g. where Lambda has `resize` and an OpenFaaS says nothing, calls of `resize` go to both, and those of `blur` to
// OpenFaaS alone. What a platform lists may be seconds old: so what nobody names may be there, too.
import type { FaasEndpoint } from '../route/routing-table.ts'

type Known = Pick<FaasEndpoint, 'functions' | 'listed'>

/** Of functions that nobody names. */
export const anyOther = '*'

const named = ({ functions = [], listed }: Known): readonly string[] =>
  functions.length > 0 ? functions : (listed ?? [])

/** Whether of some deployment is known which functions it has. */
export const someAreKnown = (endpoints: readonly Known[]): boolean =>
  endpoints.some((endpoint) => named(endpoint).length > 0)

/**
 * The labels of each deployment. Where no deployment says which it has, all have `anyOther` alone: connections that are open
 * go on asking for a function until Envoy closes them.
 */
export function functionLabels(endpoints: readonly Known[]): (endpoint: Known) => readonly string[] {
  const any = [...new Set(endpoints.flatMap(named)), anyOther].sort()
  return (endpoint) => {
    const { functions = [], listed } = endpoint
    if (functions.length > 0) return functions
    return listed ? [...listed, anyOther] : any
  }
}

/** What a call asks for, one after the other: its function and, where nobody names that, deployments that may have any. */
export const askedFor = (functionName: string): readonly string[] => [functionName, anyOther]
