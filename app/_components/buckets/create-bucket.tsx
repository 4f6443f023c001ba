'use client'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { useQuery } from 'urql'
import {
  type ClusterPartsFragment,
  CreateBucketDocument,
  GlobalPoliciesDocument,
} from '../../../graphql/generated/operations.ts'
import { storesOf } from '../../_lib/fleet-parts.ts'
import { list } from '../../_lib/format.ts'
import { bucketHref } from '../../_lib/hrefs.ts'
import { newBucket } from '../../_lib/new-bucket.ts'
import { name as nameOf, say } from '../../_lib/parts.ts'
import { fieldErrors } from '../../_lib/refusals.ts'
import { storeNeed } from '../../_lib/store-need.ts'
import { useAct } from '../../_lib/use-act.ts'
import { useCreationKey } from '../../_lib/use-creation-key.ts'
import { ActLink } from '../shared/act-button.tsx'
import { Field } from '../shared/field.tsx'
import { FormOverlay } from '../shared/form-overlay.tsx'
import { NamesInput } from '../shared/names-input.tsx'
import { TextField } from '../shared/text-field.tsx'
import { useToast } from '../shared/toasts.tsx'
import { AdoptHint } from './adopt-hint.tsx'

type Props = { readonly clusters: readonly ClusterPartsFragment[]; readonly onClose: () => void }

/** Why no store is offered. */
function noneWords(stores: readonly string[], typos: readonly string[]): string {
  if (stores.length === 0) return 'there is none'
  return typos.length > 0 ? 'none: see the zones' : 'none is allowed: choose one'
}

export function CreateBucket({ clusters, onClose }: Props) {
  const stores = storesOf(clusters)
  const need = storeNeed(clusters)
  const [name, setName] = useState('')
  const [chosen, setChosen] = useState<string>()
  const [anyway, setAnyway] = useState(false)
  const [zones, setZones] = useState<readonly string[]>([])
  const [copies, setCopies] = useState('')
  const [fleet] = useQuery({ query: GlobalPoliciesDocument })
  const create = useAct(CreateBucketDocument)
  const keyOf = useCreationKey()
  const toast = useToast()
  const router = useRouter()

  const fleetZones = fleet.data?.globalPolicies.find((policy) => policy.name === 'zones')?.value
  const typed = newBucket(clusters, fleetZones, { chosen, zones, copies })
  const { store, outside, known, hasUnknown, typos, policies, at } = typed
  const errors = fieldErrors(create.refused, ['name', 'storageDeployment', at('zones'), at('target_replica_count')])

  const submit = async () => {
    const asked = { name: name.trim(), storageDeployment: store, policies, allowOutsideZones: outside && anyway }
    const done = await create.run({ input: { ...asked, idempotencyKey: keyOf(asked) } })
    if (!done.ok) return
    toast({ parts: say`Created ${nameOf(done.value.bucket.name)}.` })
    router.push(bucketHref(done.value.bucket.name))
  }
  return (
    <FormOverlay
      title="Create a bucket"
      kind="drawer"
      act={create.busy ? `Creating on ${store}` : 'Create the bucket'}
      busy={create.busy}
      ready={store !== '' && (!outside || anyway || hasUnknown)}
      refused={errors.rest}
      onSubmit={submit}
      onEdit={create.clear}
      onClose={onClose}
    >
      {need && (
        <p className="text-ink-2">
          A bucket is made on a store. <ActLink href={need.href}>{need.act}</ActLink>
        </p>
      )}
      <AdoptHint clusters={clusters} />
      <TextField
        label="Name"
        value={name}
        onChange={setName}
        error={errors.at('name')}
        hint="3 to 63 small letters, digits, dots and dashes, as S3 has it. It is made on the store, and callers name it in their header."
      />
      <Field
        label="Master store"
        error={errors.at('storageDeployment') ?? need?.why}
        hint="Where it is written. Every change comes from there."
      >
        {(described) => (
          <select
            {...described}
            className="input mono"
            value={store}
            onChange={(event) => setChosen(event.target.value)}
          >
            {store === '' && <option value="">{noneWords(stores, typos)}</option>}
            {stores.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        )}
      </Field>
      {outside && !hasUnknown && <Outside zones={typed.inForce} store={store} anyway={anyway} onChange={setAnyway} />}
      <Field
        label="Zones where its data may lie"
        error={errors.at(at('zones')) ?? (typos.length > 0 ? `No cluster lies in ${list(typos)}.` : undefined)}
        hint={`The policy zones. None: what the fleet's policy allows. Known: ${known.join(', ') || 'none'}.`}
      >
        {(described) => (
          <NamesInput
            initial={zones}
            onChange={(next) => {
              setZones(next)
              create.clear()
            }}
            known={known}
            placeholder="Add a zone"
            described={described}
          />
        )}
      </Field>
      <Field
        label="Copies besides the master"
        error={errors.at(at('target_replica_count'))}
        hint={typed.room ?? "The policy target_replica_count. Empty: as the fleet's says."}
      >
        {(described) => (
          <input
            {...described}
            className="input w-24"
            type="number"
            min={0}
            value={copies}
            onChange={(event) => setCopies(event.target.value)}
          />
        )}
      </Field>
    </FormOverlay>
  )
}

type OutsideProps = {
  readonly zones: readonly string[]
  readonly store: string
  readonly anyway: boolean
  readonly onChange: (anyway: boolean) => void
}

function Outside({ zones, store, anyway, onChange }: OutsideProps) {
  return (
    <div className="grid gap-1">
      <p className="text-sm text-bad" role="status">
        Its data may lie in {list(zones)} only, and <code>{store}</code> is outside: a residency violation from its
        first byte.
      </p>
      <label className="check">
        <input type="checkbox" checked={anyway} onChange={(event) => onChange(event.target.checked)} />
        <span>Make it there all the same.</span>
      </label>
    </div>
  )
}
