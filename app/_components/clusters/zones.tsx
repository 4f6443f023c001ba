'use client'
import { type FormEvent, useState } from 'react'
import { ChangeClusterDocument, type ClusterPartsFragment } from '../../../graphql/generated/operations.ts'
import { useAct } from '../../_lib/use-act.ts'
import { ActButton } from '../shared/act-button.tsx'
import { Field } from '../shared/field.tsx'
import { Icon } from '../shared/icon.tsx'
import { NamesInput } from '../shared/names-input.tsx'

type Props = { readonly cluster: ClusterPartsFragment; readonly known: readonly string[] }

/** Where the cluster is, as policies ask for it. */
export function Zones({ cluster, known }: Props) {
  const [editing, setEditing] = useState(false)
  return (
    <section aria-labelledby="h-zones">
      <header>
        <h2 id="h-zones">Zones</h2>
        {!editing && (
          <ActButton className="btn quiet small ml-auto" onClick={() => setEditing(true)}>
            <Icon name="edit" />
            Edit<span className="sr-only"> zones</span>
          </ActButton>
        )}
      </header>
      {editing ? (
        <ZonesForm cluster={cluster} known={known} onDone={() => setEditing(false)} />
      ) : (
        <p className="mono text-ink-2">{cluster.zones.join(', ') || 'none'}</p>
      )}
    </section>
  )
}

function ZonesForm({ cluster, known, onDone }: Props & { readonly onDone: () => void }) {
  const [zones, setZones] = useState(cluster.zones)
  const save = useAct(ChangeClusterDocument)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    const done = await save.run({ input: { cluster: cluster.name, zones, expectedVersion: cluster.version } })
    if (done.ok) onDone()
  }
  return (
    <form onSubmit={submit} className="grid gap-2">
      <Field
        label="Zones"
        error={save.refusal?.message}
        hint="Taking a zone away evicts what may no longer lie here, after another copy was shown to be whole."
      >
        {(described) => (
          <NamesInput
            initial={zones}
            onChange={setZones}
            known={known}
            placeholder="Add a zone"
            described={described}
          />
        )}
      </Field>
      <div className="flex gap-2">
        <button type="submit" className="btn primary" disabled={save.busy}>
          {zones.length === 0 ? 'Set to no zone' : `Set to ${zones.join(', ')}`}
        </button>
        <button type="button" className="btn quiet" onClick={onDone}>
          Cancel
        </button>
      </div>
    </form>
  )
}
