// The function platforms that calls can be sent to. What one asks of Envoy stands in proxy/resources/features, how its
// functions are listed in server/faas/platforms.

/**
 * How a call is handed over. `http`: as it came. `event`: as an event of AWS Lambda (payload format 2.0), its answer turned
 * back. `raw`: its body alone is the event, and what the function returns is the answer.
 */
export type Payload = 'http' | 'event' | 'raw'

/** Where a call goes on a platform, for deployments whose host matches; see call-form.ts. */
type DefaultForm = { readonly hosts: RegExp; readonly template: string; readonly payload: Payload }

export type Platform = {
  /** For people. */
  readonly title: string
  /** Asked by the health probe, below the url of the deployment; any answer below 500 is well. */
  readonly probePath: string
  readonly description: string
  /** The first whose `hosts` matches the url's host holds. */
  readonly forms: readonly DefaultForm[]
}

const anyHost = /^/

export const platforms = {
  OPENFAAS: {
    title: 'OpenFaaS',
    probePath: '/healthz',
    description: 'An OpenFaaS gateway.',
    forms: [{ hosts: anyHost, template: '/function/{name}{rest}', payload: 'http' }],
  },
  KNATIVE: {
    title: 'Knative',
    probePath: '/',
    description: 'The ingress of Knative Serving: each function is a host, <name>.<host of the url>.',
    forms: [{ hosts: anyHost, template: '//{name}.{host}{rest}', payload: 'http' }],
  },
  AWS_LAMBDA: {
    title: 'AWS Lambda',
    probePath: '/',
    description:
      "Lambda's invoke API, such as https://lambda.eu-central-1.amazonaws.com, or the function URL of one function.",
    forms: [
      { hosts: /\.lambda-url\./, template: '{rest}', payload: 'http' },
      { hosts: anyHost, template: '/2015-03-31/functions/{name}/invocations', payload: 'event' },
    ],
  },
  GOOGLE_CLOUD_FUNCTIONS: {
    title: 'Google Cloud Functions',
    probePath: '/',
    description: 'Cloud Functions of a project and region, or one service of Cloud Run.',
    forms: [
      { hosts: /\.run\.app(:\d+)?$/, template: '{rest}', payload: 'http' },
      { hosts: anyHost, template: '/{name}{rest}', payload: 'http' },
    ],
  },
  AZURE_FUNCTIONS: {
    title: 'Azure Functions',
    probePath: '/',
    description: 'A function app of Azure.',
    forms: [{ hosts: anyHost, template: '/api/{name}{rest}', payload: 'http' }],
  },
  HTTP: {
    title: 'plain HTTP',
    probePath: '/',
    description: 'Any server that answers /function/NAME, or whatever its path template says.',
    forms: [{ hosts: anyHost, template: '/function/{name}{rest}', payload: 'http' }],
  },
} as const satisfies Readonly<Record<string, Platform>>

export type FaasKind = keyof typeof platforms
export const faasKinds = Object.keys(platforms) as FaasKind[]
