'use client'
import { useRouter } from 'next/navigation'
import { type ComponentProps, useState } from 'react'
import { useQuery } from 'urql'
import { AdoptBucketDocument, GlobalPoliciesDocument } from '../../../graphql/generated/operations.ts'
import { zonesAllow } from '../../../server/domain/fleet/zones.ts'
import { whyNotThere, zoneWords } from '../../_lib/adoption.ts'
import { list } from '../../_lib/format.ts'
import { bucketHref } from '../../_lib/hrefs.ts'
import { name as nameOf, say } from '../../_lib/parts.ts'
import { fieldErrors } from '../../_lib/refusals.ts'
import { useAct } from '../../_lib/use-act.ts'
import { FormOverlay } from '../shared/form-overlay.tsx'
import { useToast } from '../shared/toasts.tsx'
import { useFleet } from '../shared/use-fleet.ts'
import { BucketWarnings } from './bucket-warnings.tsx'
import { useHolders } from './use-holders.ts'

type Props = {
  readonly bucket: { readonly name: string; readonly warnings: ComponentProps<typeof BucketWarnings>['warnings'] }
  readonly store: string
  readonly onClose: () => void
}

/** Takes a bucket that is there already under FaDO's care, with copies of it that lie elsewhere. */
export function AdoptBucket({ bucket: { name, warnings }, store, onClose }: Props) {
  const [also, setAlso] = useState<readonly string[]>([])
  const [anyway, setAnyway] = useState(false)
  const { clusters } = useFleet()
  const [fleet] = useQuery({ query: GlobalPoliciesDocument })
  const adopt = useAct(AdoptBucketDocument)
  const toast = useToast()
  const router = useRouter()
  const clusterOf = (place: string) =>
    clusters?.find(({ storageDeployments }) => storageDeployments.some((one) => one.name === place))
  const zonesOf = (place: string) => clusterOf(place)?.zones ?? []
  const others = (clusters ?? [])
    .filter((cluster) => cluster !== clusterOf(store))
    .flatMap(({ storageDeployments }) => storageDeployments.map((one) => one.name))
  const holders = useHolders(name, others)
  const fleetZones = fleet.data?.globalPolicies.find((policy) => policy.name === 'zones')?.value
  const inForce = Array.isArray(fleetZones) ? fleetZones.map(String) : []
  const errors = fieldErrors(adopt.refused, ['storageDeployment'])
  const refused = adopt.refusal?.code === 'UNSAFE' && errors.at('storageDeployment') !== undefined
  const outside = refused || (clusters !== undefined && !zonesAllow(inForce, { zones: zonesOf(store) }))

  const submit = async () => {
    const input = { name, storageDeployment: store, alsoOn: also, policies: [], allowOutsideZones: anyway }
    const done = await adopt.run({ input })
    if (!done.ok) return
    toast({ parts: say`FaDO looks after ${nameOf(name)} now.` })
    router.push(bucketHref(done.value.bucket.name))
  }
  return (
    <FormOverlay
      title={
        <>
          Take <code>{name}</code> under FaDO's care
        </>
      }
      kind="drawer"
      act={adopt.busy ? `Looking at ${store}` : 'Adopt the bucket'}
      busy={adopt.busy}
      ready={!outside || anyway}
      refused={errors.at('storageDeployment') ?? errors.rest}
      onSubmit={submit}
      onEdit={adopt.clear}
      onClose={onClose}
    >
      <p className="text-ink-2">
        The bucket on <code>{store}</code> ({zoneWords(zonesOf(store))}) becomes the master: it is read, its events are
        subscribed, and nothing in it is changed.
      </p>
      {warnings.length > 0 && <BucketWarnings warnings={warnings} />}
      {holders === undefined && <p className="hint">Asking the other stores for copies of it.</p>}
      {holders && holders.length > 0 && (
        <fieldset>
          <legend>Copies that others made</legend>
          <p className="hint">
            Where a bucket of this name holds a copy already. What equals the master there becomes FaDO's without
            moving: FaDO keeps it equal, and deletes it when the copy is not wanted any more (releasing the copy keeps
            its data). What differs is shown and left, what is missing is copied.
          </p>
          {holders.map(({ store: one, isSilent }) => {
            const whyNot = whyNotThere({ isSilent, zones: zonesOf(one) }, inForce)
            return (
              <label className="check" key={one}>
                <input
                  type="checkbox"
                  disabled={whyNot !== null}
                  checked={also.includes(one)}
                  onChange={(event) =>
                    setAlso(event.target.checked ? [...also, one] : also.filter((other) => other !== one))
                  }
                />
                <span>
                  <code>{one}</code>{' '}
                  <span className="dim">
                    {zoneWords(zonesOf(one))}
                    {whyNot !== null && `: ${whyNot}`}
                  </span>
                </span>
              </label>
            )
          })}
        </fieldset>
      )}
      {(outside || anyway) && (
        <div className="grid gap-1">
          {!refused && inForce.length > 0 && (
            <p className="text-sm text-bad" role="status">
              Its data may lie in {list(inForce)} only, and <code>{store}</code> is outside: a residency violation.
            </p>
          )}
          <label className="check">
            <input type="checkbox" checked={anyway} onChange={(event) => setAnyway(event.target.checked)} />
            <span>Adopt it there all the same.</span>
          </label>
        </div>
      )}
    </FormOverlay>
  )
}
