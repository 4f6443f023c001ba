import type { DeploymentSecretsSource } from '../../server/reconcile/deployment-secrets.ts'

/** Deployments that need to prove nothing. */
export const noSecrets: Pick<DeploymentSecretsSource, 'withSecrets' | 'askFor' | 'onNew'> = {
  withSecrets: (all) => all.map(({ sealed: _none, ...endpoint }) => endpoint),
  askFor: async () => undefined,
  onNew: () => undefined,
}
