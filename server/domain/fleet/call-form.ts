// How a call becomes one of the platform's. E.g. GET /function/resize/a.png?w=9 becomes, by /api/{name}{rest},
// GET /api/resize/a.png?w=9. The same rule decides here for explanations, and in Envoy (proxy/resources/features/rewrite).
import { isAddress } from '../is-address.ts'
import { type Takes, takesKind } from './call-kind.ts'
import { type DefaultForm, type FaasKind, type Payload, platforms } from './platform.ts'

/** A deployment as it is registered. */
export type CalledDeployment = {
  readonly kind: FaasKind
  /** Origin and optional base path. */
  readonly url: string
  /** Null or absent: the platform's own. */
  readonly pathTemplate?: string | null
  readonly payload?: Payload | null
  /** Absent: plain calls. */
  readonly takes?: Takes
}

export type CallForm = {
  /** Path without query, the url's base path included: a template with {name} and {rest}. */
  readonly path: string
  /** The Host header, a template with {name}; null: as the caller sent it. */
  readonly host: string | null
  readonly payload: Payload
  /** What names can be called: of a whole name, a pattern that says the same to JavaScript and to Lua. */
  readonly names: string
}

/** What holds where nobody says otherwise. */
export function defaultForm(deployment: Pick<CalledDeployment, 'kind' | 'url' | 'takes'>) {
  const { host } = new URL(deployment.url)
  const { template, payload, grpcTemplate } = formOf(deployment)
  const used = takesKind(deployment, 'grpc') ? (grpcTemplate ?? template) : template
  return { template: used.replace('{host}', host), payload }
}

const formOf = ({ kind, url }: Pick<CalledDeployment, 'kind' | 'url'>): DefaultForm => {
  const { host } = new URL(url)
  return platforms[kind].forms.find(({ hosts }) => hosts.test(host)) ?? platforms.HTTP.forms[0]
}

/** Whether the platform that is there can take calls of gRPC. */
export const canTakeGrpc = (deployment: Pick<CalledDeployment, 'kind' | 'url'>): boolean =>
  formOf(deployment).grpcTemplate !== undefined

/** Whether functions have hosts of their own there, and nobody says which: the url has an address only. */
export const lacksHost = (deployment: CalledDeployment): boolean =>
  (deployment.pathTemplate ?? null) === null &&
  isAddress(new URL(deployment.url).hostname) &&
  parseTemplate(defaultForm(deployment).template).host !== null

export function callForm(deployment: CalledDeployment): CallForm {
  const { protocol, host, hostname, pathname } = new URL(deployment.url)
  const standard = defaultForm(deployment)
  const template = deployment.pathTemplate ?? standard.template
  const { host: ownHost, path } = parseTemplate(template)
  const named = protocol === 'https:' || !isAddress(hostname)
  const form = {
    path: pathname.replace(/\/+$/, '') + path,
    host: ownHost ?? (named ? host : null),
    payload: deployment.payload ?? standard.payload,
  }
  return { ...form, names: namesOf(form) }
}

/** E.g. `//{name}.default.example.org/v1{rest}`; a host begins with two slashes. */
function parseTemplate(template: string): { readonly host: string | null; readonly path: string } {
  const [, host, path = ''] = /^\/\/(.*?)((?:\/|\{rest\}).*)?$/.exec(template) ?? []
  return host === undefined ? { host: null, path: template } : { host, path }
}

/** As it is on the platforms that take calls as they come. */
const asItCame = '/function/{name}{rest}'
const anyName = '[^/?]*'

/** A name goes into another path or a host only when it cannot become anything but a name there. */
function namesOf({ path, host, payload }: Omit<CallForm, 'names'>): string {
  if (payload !== 'http') return '[A-Za-z0-9_-]+:?[A-Za-z0-9_$-]*' // a function of Lambda and its qualifier, no ARN
  if (host?.includes('{name}')) return '[A-Za-z0-9-]+'
  return path.includes('{name}') && !path.endsWith(asItCame) ? '[A-Za-z0-9._~-]+' : anyName
}

/** Nothing of a call is changed. */
export const isUnchanged = ({ path, host, payload }: CallForm): boolean =>
  path === asItCame && host === null && payload === 'http'

/** The call as the platform gets it; undefined: it has no function of such a name. `path`: from `/function/` on, with its query. */
export function formCall({ path: template, host, payload, names }: CallForm, path: string) {
  const [, name = '', rest = '', query = ''] = /^\/function\/([^/?]*)([^?]*)(.*)$/.exec(path) ?? []
  if (!new RegExp(`^(?:${names})$`).test(name)) return undefined
  const fill = (text: string) => text.replace('{name}', () => name).replace('{rest}', () => rest)
  // The query of an event is in the event.
  return {
    name,
    path: (fill(template) || '/') + (payload === 'http' ? query : ''),
    host: host === null ? null : fill(host),
  }
}

/** What an ID token of Google is good for: the address of one function, or of the whole deployment. */
export function audienceOf(deployment: CalledDeployment, name: string): string {
  const path = callForm(deployment).path.split('{rest}', 1)[0] ?? ''
  return new URL(deployment.url).origin + path.replace('{name}', name)
}

/** Whether each function has an address of its own. */
export const hasAddressPerFunction = (deployment: CalledDeployment): boolean =>
  audienceOf(deployment, 'a') !== audienceOf(deployment, 'b')

/** Of all tokens that its calls need. */
export const audiencesOf = (deployment: CalledDeployment & { readonly functions: readonly string[] }): string[] =>
  hasAddressPerFunction(deployment)
    ? deployment.functions.map((name) => audienceOf(deployment, name))
    : [audienceOf(deployment, '')]

/** What is wrong with a template; undefined: nothing. */
export function templateFault(template: string): string | undefined {
  if (template.length > 1024 || !/^[\x21-\x7e]+$/.test(template))
    return 'must be visible ASCII, at most 1024 characters'
  if (!template.startsWith('/') && !template.startsWith('{rest}')) return 'must begin with / or {rest}'
  if (/[?#]/.test(template)) return 'must have no query and no fragment: the query of a call is added'
  const words = [...template.matchAll(/\{([^{}]*)\}/g)].map(([, word]) => word)
  if (/[{}]/.test(template.replace(/\{[^{}]*\}/g, '')) || words.some((word) => word !== 'name' && word !== 'rest'))
    return 'may hold {name} and {rest}, and no other braces'
  if (new Set(words).size !== words.length) return 'may hold {name} and {rest} once each'
  const { host } = parseTemplate(template)
  const isHost = host === null || /^(?=.)[A-Za-z0-9.-]*(\{name\})?[A-Za-z0-9.-]*(:\d{1,5})?$/.test(host)
  return isHost ? undefined : 'must name a host after //'
}
