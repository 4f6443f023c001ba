// What `fado get health` shows.
import { CliHealthDocument, type CliHealthQuery } from '../../graphql/generated/operations.ts'
import type { Api } from './api.ts'
import { CommandFailure, exitCodes } from './failure.ts'
import type { Column } from './output.ts'

type HealthChange = NonNullable<CliHealthQuery['healthChanges']>[number]

/** The last changes of all clusters, or of the one of this name. */
export async function loadHealth(api: Api, cluster?: string): Promise<readonly HealthChange[]> {
  const { healthChanges } = await api.run(CliHealthDocument, { cluster: cluster ?? null })
  if (healthChanges === null)
    throw new CommandFailure(exitCodes.refused, `There is no cluster ${cluster ?? ''} (NOT_FOUND)`)
  return healthChanges
}

export const healthColumns: readonly Column<HealthChange>[] = [
  { title: 'AT', of: ({ at }) => at },
  { title: 'CLUSTER', of: (change) => (change.storageDeployment ?? change.faasDeployment)?.cluster.name ?? null },
  {
    title: 'OF',
    of: ({ storageDeployment, faasDeployment }) =>
      storageDeployment === null ? `functions ${faasDeployment?.url ?? ''}` : `store ${storageDeployment.name}`,
  },
  { title: 'BECAME', of: ({ status }) => status },
  { title: 'WHY', of: ({ detail }) => detail },
]
