/** Its probes find the store well, and movers do not. Of one that is down what they suffer only follows. */
export const isInTrouble = (store: {
  readonly health: { readonly status: string }
  readonly troubles: readonly unknown[]
}): boolean => store.health.status !== 'UNHEALTHY' && store.troubles.length > 0
