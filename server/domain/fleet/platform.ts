// The function platforms that calls can be sent to. What one asks of Envoy stands in proxy/resources/features, how its
// functions are listed in server/faas/platforms.
import type { FaasAuthKind } from './faas-auth.ts'

/**
 * How a call is handed over. `http`: as it came. `event`: as an event of AWS Lambda (payload format 2.0), its answer turned
 * back. `raw`: its body alone is the event, and what the function returns is the answer.
 */
export type Payload = 'http' | 'event' | 'raw'

/** Where a call goes on a platform, for deployments whose host matches; see call-form.ts. */
export type DefaultForm = {
  readonly hosts: RegExp
  readonly template: string
  readonly payload: Payload
  /** The template where the deployment takes gRPC: it finds its methods by their path. Absent: it takes none. */
  readonly grpcTemplate?: string
}

export type Platform = {
  /** For people. */
  readonly title: string
  /** Asked by the health probe, below the url of the deployment; any answer below 500 is well. */
  readonly probePath: string
  /** What has that path, in words: whoever answers 404 there seems to be none. Null: any server may lack it. */
  readonly hasProbePath: string | null
  readonly description: string
  /** What an address there looks like. */
  readonly example: string
  /** What it may be called by, the usual first. */
  readonly payloads: readonly Payload[]
  /** By what it may know FaDO: offered by forms, others are taken as well. */
  readonly auth: readonly FaasAuthKind[]
  /** Null: mostly it takes calls of anyone. */
  readonly usualAuth: FaasAuthKind | null
  /** The header that it takes a key in, where it has one of its own. */
  readonly keyHeader: string | null
  /** The first whose `hosts` matches the url's host holds. */
  readonly forms: readonly DefaultForm[]
}

const anyHost = /^/

export const platforms = {
  OPENFAAS: {
    title: 'OpenFaaS',
    probePath: '/healthz',
    hasProbePath: 'OpenFaaS gateway',
    description: 'An OpenFaaS gateway.',
    example: 'http://10.0.0.5:8080',
    payloads: ['http'],
    auth: ['bearer', 'key'],
    usualAuth: null,
    keyHeader: null,
    forms: [{ hosts: anyHost, template: '/function/{name}{rest}', payload: 'http' }],
  },
  KNATIVE: {
    title: 'Knative',
    probePath: '/',
    hasProbePath: null,
    description: 'The ingress of Knative Serving: each function is a host, <name>.<host of the url>.',
    example: 'https://default.example.org',
    payloads: ['http'],
    auth: ['bearer', 'key'],
    usualAuth: null,
    keyHeader: null,
    forms: [
      { hosts: anyHost, template: '//{name}.{host}{rest}', payload: 'http', grpcTemplate: '//{name}.{host}{rest}' },
    ],
  },
  AWS_LAMBDA: {
    title: 'AWS Lambda',
    probePath: '/',
    hasProbePath: null,
    description:
      "Lambda's invoke API, such as https://lambda.eu-central-1.amazonaws.com, or the function URL of one function.",
    example: 'https://lambda.eu-central-1.amazonaws.com',
    payloads: ['event', 'raw', 'http'],
    auth: ['aws_sigv4'],
    usualAuth: 'aws_sigv4',
    keyHeader: null,
    forms: [
      { hosts: /\.lambda-url\./, template: '{rest}', payload: 'http' },
      { hosts: anyHost, template: '/2015-03-31/functions/{name}/invocations', payload: 'event' },
    ],
  },
  GOOGLE_CLOUD_FUNCTIONS: {
    title: 'Google Cloud Functions',
    probePath: '/',
    hasProbePath: null,
    description: 'Cloud Functions of a project and region, or one service of Cloud Run.',
    example: 'https://europe-west1-project.cloudfunctions.net',
    payloads: ['http'],
    auth: ['google_service_account'],
    usualAuth: 'google_service_account',
    keyHeader: null,
    forms: [
      { hosts: /\.run\.app(:\d+)?$/, template: '{rest}', payload: 'http', grpcTemplate: '{rest}' },
      { hosts: anyHost, template: '/{name}{rest}', payload: 'http' },
    ],
  },
  AZURE_FUNCTIONS: {
    title: 'Azure Functions',
    probePath: '/',
    hasProbePath: null,
    description: 'A function app of Azure.',
    example: 'https://app.azurewebsites.net',
    payloads: ['http'],
    auth: ['key', 'bearer'],
    usualAuth: 'key',
    keyHeader: 'x-functions-key',
    forms: [{ hosts: anyHost, template: '/api/{name}{rest}', payload: 'http' }],
  },
  HTTP: {
    title: 'plain HTTP',
    probePath: '/',
    hasProbePath: null,
    description: 'Any server that answers /function/NAME, or whatever its path template says.',
    example: 'http://10.0.0.5:8080',
    payloads: ['http'],
    auth: ['bearer', 'key', 'aws_sigv4', 'google_service_account'],
    usualAuth: null,
    keyHeader: null,
    forms: [{ hosts: anyHost, template: '/function/{name}{rest}', payload: 'http', grpcTemplate: '{rest}' }],
  },
} as const satisfies Readonly<Record<string, Platform>>

export type FaasKind = keyof typeof platforms
export const faasKinds = Object.keys(platforms) as FaasKind[]
