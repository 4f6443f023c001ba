'use client'
import { useState } from 'react'
import {
  type BucketPartsFragment,
  type ClusterPartsFragment,
  type LbPolicy,
  OverrideRouteDocument,
} from '../../../graphql/generated/operations.ts'
import { isInOrder, lbPolicyNamed } from '../../_lib/lb-policies.ts'
import type { PolicyDefinition } from '../../_lib/policy-values.ts'
import { fieldErrors } from '../../_lib/refusals.ts'
import { useAct } from '../../_lib/use-act.ts'
import { usePolicyDefinition } from '../policies/use-policy-definition.ts'
import { Field } from '../shared/field.tsx'
import { FormOverlay } from '../shared/form-overlay.tsx'

type Props = {
  readonly bucket: BucketPartsFragment
  readonly clusters: readonly ClusterPartsFragment[]
  readonly onClose: () => void
}

/** Narrows a bucket's route by hand. A new override replaces the old one as a whole. */
export function OverrideRoute({ bucket, clusters, onClose }: Props) {
  const here = new Set(bucket.route.upstreams.map((upstream) => upstream.cluster.name))
  const [every, setEvery] = useState(true)
  const [chosen, setChosen] = useState<ReadonlySet<string>>(here)
  const ways = waysOf(usePolicyDefinition()('lb_policy'))
  const [policy, setPolicy] = useState<LbPolicy | ''>('')
  const override = useAct(OverrideRouteDocument)
  const errors = fieldErrors(override.refused, ['clusters', 'lbPolicy'])
  const candidates = clusters.filter((cluster) => holds(bucket, cluster.name))

  // Then they are asked in the order in which they were ticked.
  const inOrder = isInOrder(policy || bucket.route.lbPolicy)
  const ticked = inOrder ? [...chosen] : [...chosen].sort()

  const nothing = every ? policy === '' : chosen.size === 0

  const submit = async () => {
    const done = await override.run({
      input: {
        bucket: bucket.name,
        ...(every ? {} : { clusters: ticked }),
        ...(policy === '' ? {} : { lbPolicy: policy }),
        expectedVersion: bucket.version,
      },
    })
    if (done.ok) onClose()
  }
  const toggle = (cluster: string) => {
    const next = new Set(chosen)
    if (!next.delete(cluster)) next.add(cluster)
    setChosen(next)
  }
  return (
    <FormOverlay
      title={
        <>
          Override the route of <code>{bucket.name}</code>
        </>
      }
      act={
        every
          ? 'Override how calls are spread'
          : `Send calls to ${ticked.join(inOrder ? ', else ' : ', ') || 'no cluster'}`
      }
      busy={override.busy}
      ready={!nothing}
      refused={errors.rest}
      onSubmit={submit}
      onEdit={override.clear}
      onClose={onClose}
    >
      <p className="text-ink-2">
        An override only narrows what data and zones allow. If nothing is left of it, calls get 503: it is never
        widened.
      </p>
      <fieldset className="border-0! gap-1! pb-0!">
        <legend className="text-sm font-normal! text-ink-2">Clusters that take its calls</legend>
        <label className="check">
          <input type="checkbox" checked={every} onChange={(event) => setEvery(event.target.checked)} />
          every one that can serve it, now and later
        </label>
        {!every &&
          candidates.map((cluster) => (
            <label className="check ml-5" key={cluster.id}>
              <input type="checkbox" checked={chosen.has(cluster.name)} onChange={() => toggle(cluster.name)} />
              <code>{cluster.name}</code>
              {!here.has(cluster.name) && <span className="dim text-sm">takes none now</span>}
            </label>
          ))}
        {inOrder && (
          <span className="dim text-sm">
            {every
              ? "The master's is asked first, then copies as replica_locations names them, then by name."
              : 'They are asked in the order in which you tick them.'}
          </span>
        )}
        {errors.at('clusters') && <span className="error">{errors.at('clusters')}</span>}
      </fieldset>
      <Field label="Spread by" error={errors.at('lbPolicy')}>
        {(described) => (
          <select
            {...described}
            className="input mono"
            value={policy}
            onChange={(event) => setPolicy(ways.find((way) => way === event.target.value) ?? '')}
          >
            <option value="">as its policy says</option>
            {ways.map((way) => (
              <option key={way} value={way}>
                {way.toLowerCase()}
              </option>
            ))}
          </select>
        )}
      </Field>
    </FormOverlay>
  )
}

/** The API's names for what the policy may be set to. */
const waysOf = (definition: PolicyDefinition | undefined): readonly LbPolicy[] =>
  definition?.values.__typename === 'PolicyChoice' ? definition.values.options.map(lbPolicyNamed) : []

const holds = (bucket: BucketPartsFragment, cluster: string) =>
  bucket.master.storageDeployment.cluster.name === cluster ||
  bucket.replicas.some((replica) => replica.storageDeployment.cluster.name === cluster) ||
  bucket.route.upstreams.some((upstream) => upstream.cluster.name === cluster)
