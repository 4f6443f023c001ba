'use client'
import { useEffect, useId, useState } from 'react'
import { useQuery } from 'urql'
import { BucketNamesDocument, type RingClusterFragment } from '../../../graphql/generated/operations.ts'
import { zonesBySize } from '../../_lib/topology/ring-order.ts'
import type { TopologyQuery } from '../../_lib/topology/topology-query.ts'

/** Between the last key and the question to the API. */
const typingPause = 200
const mostOffered = 20

type Props = {
  readonly query: TopologyQuery
  readonly clusters: readonly RingClusterFragment[]
  readonly hasCalls: boolean
  readonly onChange: (change: Partial<TopologyQuery>) => void
}

export function TopologyFilters({ query, clusters, hasCalls, onChange }: Props) {
  return (
    <div className="mb-4 flex flex-wrap items-center gap-x-4 gap-y-2">
      <BucketPicker key={query.bucket} chosen={query.bucket} onChoose={(bucket) => onChange({ bucket })} />
      <label className="inline-flex items-center gap-2 text-sm text-ink-3">
        zone
        <select
          className="input text-ink"
          value={query.zone}
          onChange={(event) => onChange({ zone: event.target.value })}
        >
          <option value="">all zones</option>
          {zonesBySize(clusters).map((zone) => (
            <option key={zone}>{zone}</option>
          ))}
        </select>
      </label>
      {hasCalls && (
        <label className="check">
          <input
            type="checkbox"
            checked={query.calls}
            onChange={(event) => onChange({ calls: event.target.checked })}
          />
          Calls
        </label>
      )}
    </div>
  )
}

/** Names are offered as they are typed; one that is typed in full, or taken from the list, is chosen. */
function BucketPicker({ chosen, onChoose }: { readonly chosen: string; readonly onChoose: (bucket: string) => void }) {
  const [typed, setTyped] = useState(chosen)
  const [asked, setAsked] = useState(chosen)
  const list = useId()
  useEffect(() => {
    const timer = setTimeout(() => setAsked(typed.trim()), typingPause)
    return () => clearTimeout(timer)
  }, [typed])
  const [{ data }] = useQuery({ query: BucketNamesDocument, variables: { name: asked, first: mostOffered } })
  const names = data?.buckets.nodes.map(({ name }) => name) ?? []
  const type = (text: string) => {
    setTyped(text)
    if (text === '' || names.includes(text)) onChoose(text)
  }
  return (
    <form
      className="flex flex-1 basis-60 max-w-md gap-2"
      onSubmit={(event) => {
        event.preventDefault()
        onChoose(typed.trim())
      }}
    >
      <input
        className="input flex-1"
        type="search"
        aria-label="Bucket"
        placeholder="Show one bucket"
        autoComplete="off"
        spellCheck={false}
        list={list}
        value={typed}
        onChange={(event) => type(event.target.value)}
      />
      <datalist id={list}>
        {names.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </form>
  )
}
