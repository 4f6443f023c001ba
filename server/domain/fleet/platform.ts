// The function platforms that calls can be sent to. What one asks of Envoy stands in proxy/resources/features.

export type Platform = {
  /** For people. */
  readonly title: string
  /** Asked by the health probe, below the url of the deployment; any answer below 500 is well. */
  readonly probePath: string
  readonly description: string
}

export const platforms = {
  OPENFAAS: { title: 'OpenFaaS', probePath: '/healthz', description: 'An OpenFaaS gateway.' },
  HTTP: { title: 'plain HTTP', probePath: '/', description: 'Any server that answers /function/NAME.' },
} as const satisfies Readonly<Record<string, Platform>>

export type FaasKind = keyof typeof platforms
export const faasKinds = Object.keys(platforms) as FaasKind[]
