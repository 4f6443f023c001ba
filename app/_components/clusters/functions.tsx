'use client'
import { type FormEvent, useState } from 'react'
import {
  AddFunctionsDocument,
  type ClusterPartsFragment,
  type FunctionsPartsFragment,
  RemoveFunctionsDocument,
} from '../../../graphql/generated/operations.ts'
import { type ClusterDraft, emptyDraft, faasKinds, functionsInput, stepFields } from '../../_lib/cluster-draft.ts'
import { healthMark } from '../../_lib/health.ts'
import { fieldErrors } from '../../_lib/refusals.ts'
import { useAct } from '../../_lib/use-act.ts'
import { sentence } from '../../_lib/words.ts'
import { HealthGlyph } from '../shared/health-glyph.tsx'
import { Lasting } from '../shared/lasting.tsx'
import { Overlay } from '../shared/overlay.tsx'
import { RefusalNote } from '../shared/refusal-note.tsx'
import { ScrollTable } from '../shared/scroll-table.tsx'
import { FunctionsFields } from './functions-fields.tsx'

/** The function platforms of a cluster. */
export function Functions({ cluster }: { readonly cluster: ClusterPartsFragment }) {
  const [adding, setAdding] = useState(false)
  const [removing, setRemoving] = useState<FunctionsPartsFragment>()
  return (
    <section aria-labelledby="h-functions">
      <header>
        <h2 id="h-functions">Functions</h2>
        <span className="dim">{cluster.faasDeployments.length}</span>
        <button type="button" className="btn small ml-auto" onClick={() => setAdding(true)}>
          Add functions
        </button>
      </header>
      {cluster.faasDeployments.length === 0 ? (
        <p className="text-ink-2">None yet: this cluster gets no calls.</p>
      ) : (
        <ScrollTable label="Functions">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Address</th>
                <th scope="col">Platform</th>
                <th scope="col" className="num">
                  Weight
                </th>
                <th scope="col">State</th>
                <th scope="col">
                  <span className="sr-only">Act</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {cluster.faasDeployments.map((one) => (
                <FunctionsRow key={one.id} deployment={one} onRemove={() => setRemoving(one)} />
              ))}
            </tbody>
          </table>
        </ScrollTable>
      )}
      {adding && <AddFunctions cluster={cluster.name} onClose={() => setAdding(false)} />}
      {removing && <RemoveFunctions deployment={removing} onClose={() => setRemoving(undefined)} />}
    </section>
  )
}

type RowProps = { readonly deployment: FunctionsPartsFragment; readonly onRemove: () => void }

function FunctionsRow({ deployment, onRemove }: RowProps) {
  const { health, kind, url, weight } = deployment
  const ill = health.status === 'UNHEALTHY' ? 'text-bad' : 'text-ink-2'
  return (
    <tr>
      <td>
        <HealthGlyph health={health} /> <span className="mono">{url}</span>
      </td>
      <td className="text-ink-2">{faasKinds.find((one) => one.kind === kind)?.word ?? kind.toLowerCase()}</td>
      <td className="num">{weight}</td>
      <td className={ill}>
        {health.detail === null ? healthMark(health.status).word : sentence(health.detail)}
        {health.since !== null && (
          <span className="dim">
            {' '}
            <Lasting since={health.since} />
          </span>
        )}
      </td>
      <td className="num">
        <button type="button" className="btn quiet small" onClick={onRemove}>
          Remove<span className="sr-only"> {url}</span>
        </button>
      </td>
    </tr>
  )
}

function AddFunctions({ cluster, onClose }: { readonly cluster: string; readonly onClose: () => void }) {
  const [draft, setDraft] = useState<ClusterDraft>({ ...emptyDraft, name: cluster })
  const add = useAct(AddFunctionsDocument)
  const errors = fieldErrors(add.refusal, stepFields.functions)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if ((await add.run({ input: functionsInput(draft) })).ok) onClose()
  }
  return (
    <Overlay
      title={
        <>
          Add functions to <code>{cluster}</code>
        </>
      }
      onClose={onClose}
    >
      <form onSubmit={submit} noValidate>
        <FunctionsFields
          draft={draft}
          onChange={(part) => setDraft({ ...draft, ...part })}
          errors={errors}
          done={false}
        />
        <RefusalNote text={errors.rest} />
        <div className="foot">
          <button type="button" className="btn" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="btn primary" disabled={add.busy}>
            Add the functions
          </button>
        </div>
      </form>
    </Overlay>
  )
}

type RemoveProps = { readonly deployment: FunctionsPartsFragment; readonly onClose: () => void }

function RemoveFunctions({ deployment, onClose }: RemoveProps) {
  const remove = useAct(RemoveFunctionsDocument)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if ((await remove.run({ input: { id: deployment.id } })).ok) onClose()
  }
  return (
    <Overlay title="Remove functions" onClose={onClose}>
      <form onSubmit={submit}>
        <p>
          Calls stop going to <code>{deployment.url}</code>. Buckets that only this cluster serves get 503 when it was
          its last platform.
        </p>
        <RefusalNote text={remove.refusal?.message} />
        <div className="foot">
          <button type="button" className="btn" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="btn danger" disabled={remove.busy}>
            Remove them
          </button>
        </div>
      </form>
    </Overlay>
  )
}
